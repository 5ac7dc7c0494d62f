"""The chain of traces: signed by the day, verified by one file without a network or a database."""

import io
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.trade.market import Market
from tests.trust.farm import open_farm
from tests.web import Client
from tiantou.kit import clock
from tiantou.settings import Settings
from tiantou.trade.promises import CHINA
from tiantou.trust.epcis import chain
from tiantou.trust.epcis.ed25519 import signed

URL = "https://fair.example"


def _verify(folder: Path, *key: str) -> tuple[int, str]:
    """What a stranger's Python says, without our packages."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", ".", *key],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout


async def _bundle(market: Market, seller: Client, to: Path) -> str:
    """Days are over, and their bundle lies in a folder; the instance's key."""
    today = clock.now().astimezone(CHINA).date()
    days = f"since={today - timedelta(days=3)}&until={today + timedelta(days=3)}"
    answer = await seller.get(f"/api/orgs/{market.shop}/traces.zip?{days}")
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(to)
    key: str = (await seller.get("/api/trace-key")).json()["key"]
    return key


async def _signed(market: Market, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A farm whose first day is over and signed."""
    market.site.api.state.settings = Settings(public_urls=URL)
    farm, seller = await open_farm(market), await market.seller()
    await farm.sell("one", {"mix": 2, "second": 1}, ship=True)
    assert await chain.sweep(market.database, market.keys, URL) == 0, "today is not over"
    later = clock.now() + timedelta(days=2)
    with monkeypatch.context() as patch:
        patch.setattr("tiantou.kit.clock.now", lambda: later)
        assert await chain.sweep(market.database, market.keys, URL) >= 1
        assert await chain.sweep(market.database, market.keys, URL) == 0
    return seller


async def test_a_stranger_verifies_a_bundle_offline(
    market: Market, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seller = await _signed(market, monkeypatch)
    key = await _bundle(market, seller, tmp_path)
    code, said = _verify(tmp_path, key)
    assert (code, said.split(",")[0]) == (0, "OK: 6 events hold")
    assert _verify(tmp_path)[0] == 0
    code, said = _verify(
        tmp_path, Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    )
    assert code == 1 and "not signed by this key" in said


def _flip(at: int) -> Callable[[bytes], bytes]:
    return lambda raw: raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


async def test_one_flipped_byte_is_found(
    market: Market, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seller = await _signed(market, monkeypatch)
    key = await _bundle(market, seller, tmp_path)
    events = tmp_path / "events.jsonl"
    whole = events.read_bytes()
    drawn = random.Random(5)
    lines = whole.splitlines(keepends=True)
    changes = [_flip(drawn.randrange(len(whole))) for _ in range(12)]
    changes += [
        lambda _: b"".join(lines[:-1]),
        lambda _: b"".join(lines[1:]),
        lambda _: b"".join([lines[1], lines[0], *lines[2:]]),
        lambda raw: raw + lines[-1],
        lambda _: b"",
    ]
    for number, change in enumerate(changes):
        events.write_bytes(change(whole))
        code, said = _verify(tmp_path, key)
        assert (code, said[:6]) == (1, "BROKEN"), (number, said)
    events.write_bytes(whole)
    roots = tmp_path / "roots.json"
    told = roots.read_text()
    roots.write_text(told.replace('"signature": "', '"signature": "00', 1))
    assert _verify(tmp_path, key)[0] == 1


async def test_the_chain_cannot_be_changed_in_place(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _signed(market, monkeypatch)
    for statement in ("update trust.trace_event set day = day", "delete from trust.trace_root"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with market.database.begin() as tx:
                await tx.execute(text(statement))


async def test_nothing_is_given_that_is_not_signed(market: Market) -> None:
    market.site.api.state.settings = Settings(public_urls=URL)
    seller = await market.seller()
    path = f"/api/orgs/{market.shop}/traces.zip?since=2026-01-01&until=2026-12-31"
    assert (await seller.get(path)).status_code == 404


def test_signatures_are_those_of_the_library() -> None:
    drawn = random.Random(7)
    for size in (0, 1, 63, 200):
        key, told = Ed25519PrivateKey.from_private_bytes(drawn.randbytes(32)), drawn.randbytes(size)
        public, signature = key.public_key().public_bytes_raw(), key.sign(told)
        assert signed(public, signature, told)
        for at in (0, 31, 32, 63):
            assert not signed(public, _flip(at)(signature), told)
        assert not signed(public, signature, told + b"x")
        assert not signed(drawn.randbytes(32), signature, told)
    assert not signed(b"", b"", b"")

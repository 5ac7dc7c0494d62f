"""The whole `up`, as at a terminal: one address, kills, refusals, an end without remains."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.up.running import Up, alive, left_behind, until
from tiantou.settings import Settings
from tiantou.up import tools
from tiantou.up.at_hand import at_hand

CHILDREN = ("postgres", "nats", "api", "gateway", "media", "worker", "edge")


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One that runs for the tests of this module."""
    home = tmp_path_factory.mktemp("up") / "home"
    running = Up(home, TIANTOU_API_PROCESSES="2")
    try:
        yield running.wait()
    finally:
        running.end()


def _healthy(up: Up) -> bool:
    try:
        return httpx.get(f"{up.url}/healthz", timeout=30).status_code == 200
    except httpx.HTTPError:
        return False


def test_it_ends_with_one_address(up: Up) -> None:
    assert _healthy(up)
    assert up.said.count("http://localhost") == 1
    assert up.url.startswith("http://localhost:")


def test_everything_is_a_child_of_its_own_session(up: Up) -> None:
    children = up.children()
    assert set(CHILDREN) | {"api-2"} <= set(children)
    for pid in children.values():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        assert int(fields[1]) == up.popen.pid and int(fields[3]) == pid


def test_only_the_edge_and_rtmp_listen_beside_loopback_and_all_on_loopback(up: Up) -> None:
    inodes = set()
    for pid in [up.popen.pid, *up.children().values()]:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            # a descriptor may be closed between the look at the folder and the look at itself
            with contextlib.suppress(FileNotFoundError):
                target = str(link.readlink())
                if target.startswith("socket:["):
                    inodes.add(target[8:-1])
    listening = set()
    for table, loopback in (("tcp", "0100007F"), ("tcp6", "0" * 24 + "01000000")):
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            cells = row.split()
            if cells[3] == "0A" and cells[9] in inodes:
                listening.add(cells[1].split(":")[0] == loopback)
    assert listening == {True}


@pytest.mark.parametrize("name", [*CHILDREN, "api-2"])
def test_a_killed_child_comes_back(up: Up, name: str) -> None:
    before = up.children()[name]
    os.kill(before, signal.SIGKILL)
    until(lambda: up.children().get(name, before) != before, f"another {name}")
    until(lambda: alive(up.children()[name]) and _healthy(up), f"{name} at work")
    others = {key: pid for key, pid in up.children().items() if key != name}
    assert all(alive(pid) for pid in others.values())


def test_a_second_up_is_refused_in_words(up: Up) -> None:
    other = Up(up.home)
    assert other.popen.wait(60) == 2
    assert "already runs" in other.said and str(up.popen.pid) in other.said
    assert "TIANTOU_HOME" in other.said and "Traceback" not in other.said
    assert _healthy(up)


def test_an_unknown_host_is_refused(up: Up) -> None:
    answer = httpx.get(f"{up.url}/healthz", headers={"Host": "evil.example"})
    assert answer.status_code == 421


def test_a_port_in_use_is_told_with_its_remedy(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        up = Up(tmp_path / "home", "--port", str(port))
        assert up.popen.wait(60) == 2
    assert f"port {port}" in up.said and "tiantou up --port" in up.said
    assert "Traceback" not in up.said
    assert left_behind(tmp_path / "home") == []


def test_a_killed_up_leaves_nothing_and_the_next_is_clean(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = Up(home).wait()
    children = first.children()
    first.popen.kill()
    first.popen.wait()
    second = Up(home)
    try:
        second.wait()
        assert _healthy(second)
        assert not any(alive(pid) for pid in children.values())
        assert set(second.children().values()).isdisjoint(children.values())
        assert second.stop() == 0
        until(lambda: left_behind(home) == [], "nothing left")
        assert not (home / "run" / "children.json").exists()
    finally:
        second.end()


def test_ctrl_c_while_starting_leaves_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for wait_s in (0.3, 1.0, 2.0):
        up = Up(home)
        time.sleep(wait_s)
        assert up.stop() in (0, -signal.SIGINT, 130), up.said
        until(lambda: left_behind(home) == [], "nothing left")
        assert "Traceback" not in up.said, up.said


def test_production_refuses_in_words(tmp_path: Path) -> None:
    home = tmp_path / "home"
    up = Up(home, TIANTOU_MODE="production")
    assert up.popen.wait(60) == 2
    assert "production refuses to start" in up.said and up.said.count("  - ") == 4
    assert not (home / "postgres").exists()


PRODUCTION = {
    "TIANTOU_MODE": "production",
    "TIANTOU_PAYMENT": "other",
    "TIANTOU_SMS": "other",
    "TIANTOU_PUBLIC_URLS": "https://fair.example",
    "TIANTOU_ROOT_SECRET": "x" * 40,
}


@pytest.mark.parametrize(
    ("missing", "why"),
    [
        ({"TIANTOU_PAYMENT": "sandbox"}, "payment is the sandbox"),
        ({"TIANTOU_SMS": "console"}, "codes go to the console"),
        ({"TIANTOU_PUBLIC_URLS": ""}, "no public address"),
    ],
    ids=["sandbox payment", "console sms", "no public address"],
)
def test_production_refuses_to_start_with(
    tmp_path: Path, missing: dict[str, str], why: str
) -> None:
    up = Up(tmp_path / "home", **PRODUCTION | missing)
    assert up.popen.wait(60) == 2
    assert why in up.said and up.said.count("  - ") == 1, up.said


async def test_production_refuses_to_start_with_rows_of_the_fair(tmp_path: Path) -> None:
    home = tmp_path / "home"
    place = {"home": home, "port": 0, "rtmp_port": 0, "database_url": ""}
    settings = Settings.model_validate(place)
    await tools.migrate(settings)
    async with at_hand(settings, "test") as dsn:
        connection = await asyncpg.connect(dsn)
        await connection.execute(
            "insert into accounts.organization (id, kind, name, registration_code, division_code,"
            " address, contact_name, contact_phone, state, demo, applied_at) values (uuidv7(),"
            " 'coop', '样例', 'x', '621123', '样例', '样例', '1', 'admitted', true, now())"
        )
        await connection.close()
    up = Up(home, **PRODUCTION)
    try:
        assert await asyncio.to_thread(up.popen.wait, 90) == 2
    finally:
        await asyncio.to_thread(up.end)
    assert "holds the demo fair" in up.said and up.said.count("  - ") == 1, up.said
    await asyncio.to_thread(until, lambda: left_behind(home) == [], "nothing left")


def test_a_demo_database_never_becomes_a_production_one(tmp_path: Path) -> None:
    home = tmp_path / "home"
    demo = Up(home)
    try:
        assert demo.wait().stop() == 0
    finally:
        demo.end()
    late = Up(home, **PRODUCTION)
    assert late.popen.wait(60) == 2
    assert "once in demo mode" in late.said
    until(lambda: left_behind(home) == [], "nothing left")

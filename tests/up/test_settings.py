"""Settings, and what production refuses."""

import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from typer.testing import CliRunner

from tiantou.cli import REFUSED, app
from tiantou.settings import Facts, Settings, refusals
from tiantou.up.log import Log
from tiantou.up.run import Options, Refused, up

GOOD = Settings(
    mode="production",
    payment="wechat",
    wechat_app_id="wx8888888888888888",
    wechat_merchant_id="1900000109",
    wechat_key_file=Path("apiclient_key.pem"),
    wechat_key_serial="5157F09EFDC096DE15EBE81A47057A72",
    wechat_api_key=SecretStr("k" * 32),
    sms="aliyun",
    public_urls=("https://fair.example",),
    root_secret=SecretStr("x" * 40),
)


@pytest.fixture(autouse=True)
def _nothing_around(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith("TIANTOU_")]:
        monkeypatch.delenv(name)
    yield


def _why(facts: Facts = Facts(), **changed: object) -> list[str]:
    return refusals(GOOD.model_copy(update=changed), facts)


def test_a_complete_production_starts() -> None:
    assert _why() == []


def test_demo_refuses_nothing() -> None:
    assert refusals(Settings(), Facts(ever_demo=True, demo_rows=True)) == []


def test_production_refuses_the_sandbox_payment() -> None:
    assert len(_why(payment="sandbox")) == 1


def test_production_refuses_the_sandbox_beside_another_provider() -> None:
    assert len(_why(payment="wechat, sandbox")) == 1


def test_production_refuses_a_provider_without_its_keys_and_names_them() -> None:
    assert _why(payment="wechat", wechat_key_file=None) == [
        "wechat cannot be paid: set TIANTOU_WECHAT_KEY_FILE"
    ]
    (why,) = _why(payment="wechat,alipay")
    for name in ("APP_ID", "KEY_FILE", "PUBLIC_KEY_FILE"):
        assert f"TIANTOU_ALIPAY_{name}" in why
    half = _why(wechat_public_key_file=Path("pub_key.pem"))
    assert "TIANTOU_WECHAT_PUBLIC_KEY_ID" in half[0]
    given = {"alipay_app_id": "2014", "alipay_key_file": Path("a"), "alipay_public_key_file": "b"}
    both = GOOD.model_copy(update={"payment": "wechat,alipay", **given})
    assert refusals(both, Facts()) == []
    assert len(_why(payment="")) == 1


def test_an_api_key_has_its_length_and_is_not_shown() -> None:
    with pytest.raises(ValidationError):
        Settings(wechat_api_key=SecretStr("k" * 31))
    assert "k" * 32 not in repr(GOOD)


def test_production_refuses_the_console_sms() -> None:
    assert len(_why(sms="console")) == 1


def test_production_refuses_demo_rows() -> None:
    assert len(_why(Facts(ever_demo=True, demo_rows=True))) == 1


def test_production_refuses_a_database_that_was_a_demo() -> None:
    assert len(_why(Facts(ever_demo=True))) == 1


def test_production_refuses_to_have_no_public_address() -> None:
    assert len(_why(public_urls=())) == 1
    assert _why(public_urls=(), domain="fair.example") == []


def test_production_refuses_a_secret_that_was_not_given() -> None:
    assert len(_why(root_secret=SecretStr(""))) == 1


def test_a_platform_refuses_review_at_once() -> None:
    assert len(_why(role="platform", review="at_once")) == 1
    assert _why(role="room_operator", review="at_once") == []


def test_each_refusal_says_what_to_do() -> None:
    bare = Settings(mode="production", role="platform", review="at_once")
    reasons = refusals(bare, Facts(demo_rows=True, ever_demo=True))
    assert len(reasons) == 6
    assert all("TIANTOU_" in reason or "empty database" in reason for reason in reasons)


def test_words_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIANTOU_PUBLIC_URLS", "https://a.example/, http://b.example:8080")
    made = Settings()
    assert made.public_urls == ("https://a.example", "http://b.example:8080")
    assert made.public_url == "https://a.example"
    assert {"a.example", "b.example", "localhost"} <= made.known_hosts


@pytest.mark.parametrize("url", ["fair.example", "ftp://a.example", "https://a.example/path"])
def test_an_address_is_an_origin(url: str) -> None:
    with pytest.raises(ValidationError):
        Settings(public_urls=(url,))


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValidationError):
        Settings(root_secret=SecretStr("short"))


def test_settings_do_not_show_the_secret() -> None:
    assert "x" * 40 not in repr(GOOD)


@pytest.mark.parametrize("process", ["serve", "gateway", "media", "work", "fair"])
def test_no_process_of_production_starts_alone_with_what_it_refuses(
    process: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIANTOU_MODE", "production")
    told = CliRunner().invoke(app, [process])
    assert told.exit_code == REFUSED
    assert told.stderr.count("production refuses to start") == 4


async def test_production_refuses_the_fair(tmp_path: Path) -> None:
    log = Log(tmp_path / "log", terminal=StringIO())
    settings = GOOD.model_copy(update={"home": tmp_path})
    with pytest.raises(Refused, match="not into a production database"):
        await up(settings, Options(fair=True), log)
    log.close()
    assert not (tmp_path / "postgres").exists()

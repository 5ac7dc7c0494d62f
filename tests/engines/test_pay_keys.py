"""Keys of payment providers in files, amounts in text, and adapters made of settings."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from pydantic import SecretStr

from tests.vendors.base import rsa_key
from tests.vendors.wechat import certificate
from tiantou import parts
from tiantou.core.keys import Keys
from tiantou.engines.pay_keys import (
    KeyUnusable,
    fen_of,
    private_key,
    public_key,
    sign,
    signed,
    yuan_of,
)
from tiantou.settings import Settings
from tiantou.trade.ports import Where

PKCS8, PKCS1 = PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL
SPKI = PublicFormat.SubjectPublicKeyInfo


def _kept(file: Path, raw: bytes, mode: int = 0o600) -> Path:
    file.write_bytes(raw)
    file.chmod(mode)
    return file


def _private(encoding: Encoding, form: PrivateFormat = PKCS8) -> bytes:
    return rsa_key("merchant").private_bytes(encoding, form, NoEncryption())


def _public(encoding: Encoding, whose: str = "alipay") -> bytes:
    return rsa_key(whose).public_key().public_bytes(encoding, SPKI)


def test_keys_are_read_as_providers_hand_them_out(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    bare = base64.b64encode(_private(Encoding.DER))
    for raw in (_private(Encoding.PEM), _private(Encoding.PEM, PKCS1), bare + b"\n"):
        assert private_key(_kept(file, raw), "SETTING").key_size == 2048
    bare = base64.b64encode(_public(Encoding.DER))
    for raw in (_public(Encoding.PEM), bare, certificate("alipay")):
        key = public_key(_kept(file, raw, 0o644), "SETTING")
        assert signed(key, sign(rsa_key("alipay"), b"said"), b"said")
        assert not signed(key, sign(rsa_key("alipay"), b"said"), b"else")
        assert not signed(key, sign(rsa_key("a stranger"), b"said"), b"said")
        assert not signed(key, "no base64", b"said")


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    for mode in (0o640, 0o604, 0o644):
        file = _kept(tmp_path / "key.pem", _private(Encoding.PEM), mode)
        with pytest.raises(KeyUnusable, match=f"SETTING: others can read .*chmod 600 {file}"):
            private_key(file, "SETTING")


def test_what_is_no_key_is_refused_and_not_shown(tmp_path: Path) -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    curve = ec.generate_private_key(ec.SECP256R1())
    made = [one.private_bytes(Encoding.PEM, PKCS8, NoEncryption()) for one in (short, curve)]
    for raw in (b"", b"a secret that is no key", *made, b"x" * 70_000, _public(Encoding.PEM)):
        with pytest.raises(KeyUnusable, match="SETTING") as refused:
            private_key(_kept(tmp_path / "key.pem", raw), "SETTING")
        assert "secret" not in str(refused.value)
    for raw in (b"", b"nonsense", _private(Encoding.PEM)):
        with pytest.raises(KeyUnusable):
            public_key(_kept(tmp_path / "key.pem", raw), "SETTING")
    with pytest.raises(KeyUnusable, match="cannot be read"):
        private_key(tmp_path / "none.pem", "SETTING")


def test_yuan_are_whole_fen() -> None:
    for text, fen in (("29.90", 2990), ("0.01", 1), ("-3.5", -350), ("100", 10000), ("+0.10", 10)):
        assert fen_of(text) == fen
    for fen in (0, 1, 10, 99, 2990, 1_000_000_007):
        assert fen_of(yuan_of(fen)) == fen
    for text in ("", "1e3", "1.234", ".5", "1,000.00", "１", "NaN", "9" * 13):
        with pytest.raises(ValueError, match="not an amount"):
            fen_of(text)


def test_adapters_are_made_of_settings(tmp_path: Path, keys: Keys) -> None:
    key = _kept(tmp_path / "key.pem", _private(Encoding.PEM))
    theirs = _kept(tmp_path / "theirs.pem", _public(Encoding.PEM))
    settings = Settings(
        payment="wechat, alipay",
        public_urls=("https://fair.example",),
        wechat_app_id="wx1",
        wechat_merchant_id="19",
        wechat_key_file=key,
        wechat_key_serial="AB",
        wechat_api_key=SecretStr("k" * 32),
        wechat_app_secret=SecretStr("app secret"),
        alipay_app_id="20",
        alipay_key_file=key,
        alipay_public_key_file=theirs,
    )
    made = parts.payments(settings, keys)
    places: tuple[Where, ...] = ("wechat", "phone", "desk")
    ways = {where: [(one.name, way) for one, way in made.choices(where)] for where in places}
    assert ways == {
        "wechat": [("wechat", "jsapi")],
        "phone": [("wechat", "h5"), ("alipay", "wap")],
        "desk": [("wechat", "native"), ("alipay", "page")],
    }
    key.chmod(0o644)
    with pytest.raises(KeyUnusable, match="TIANTOU_WECHAT_KEY_FILE"):
        parts.payments(settings, keys)
    with pytest.raises(ValueError, match="TIANTOU_WECHAT_APP_ID"):
        parts.payments(Settings(payment="wechat"), keys)
    with pytest.raises(ValueError, match="no adapter is called other"):
        parts.payments(Settings(payment="other"), keys)

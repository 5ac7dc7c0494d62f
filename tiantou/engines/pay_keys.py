"""What the payment providers' protocols share: RSA keys in files, signatures, yuan in text."""

import base64
import re
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from tiantou.kit.mendable import Mendable

KEY_BITS_MIN = 2048
FILE_BYTES_MAX = 64 * 1024
_YUAN = re.compile(r"([+-]?)([0-9]{1,12})(?:\.([0-9]{1,2}))?")


class KeyUnusable(Mendable):
    """A key's file is not there, can be read by others, or holds no such key."""


def private_key(file: Path, setting: str) -> RSAPrivateKey:
    """A merchant's private key, PEM (PKCS#8 or PKCS#1). Raises KeyUnusable, naming `setting`."""
    raw = _read(file, setting)
    if file.stat().st_mode & 0o077:
        raise KeyUnusable(f"{setting}: others can read {file}: chmod 600 {file}")
    try:
        key = load_pem_private_key(_armoured(raw, "PRIVATE KEY"), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(f"{setting}: {file} holds no private key without a password") from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < KEY_BITS_MIN:
        raise KeyUnusable(f"{setting}: {file} holds no RSA key of {KEY_BITS_MIN} bits or more")
    return key


def public_key(file: Path, setting: str) -> RSAPublicKey:
    """A provider's public key, PEM: a key or a certificate. Raises KeyUnusable."""
    raw = _read(file, setting)
    try:
        key = _public(raw)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(f"{setting}: {file} holds no public key") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < KEY_BITS_MIN:
        raise KeyUnusable(f"{setting}: {file} holds no RSA key of {KEY_BITS_MIN} bits or more")
    return key


def _public(raw: bytes) -> object:
    if b"BEGIN CERTIFICATE" in raw:
        return x509.load_pem_x509_certificate(raw).public_key()
    return load_pem_public_key(_armoured(raw, "PUBLIC KEY"))


def _read(file: Path, setting: str) -> bytes:
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise KeyUnusable(f"{setting}: {file} cannot be read: {error.strerror}") from error
    if len(raw) > FILE_BYTES_MAX:
        raise KeyUnusable(f"{setting}: {file} is too large for a key")
    return raw


def _armoured(raw: bytes, kind: str) -> bytes:
    """Providers' pages hand keys out as bare base64 as well."""
    if b"-----BEGIN" in raw:
        return raw
    body = b"".join(raw.split())
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    head, foot = f"-----BEGIN {kind}-----".encode(), f"-----END {kind}-----".encode()
    return b"\n".join([head, *lines, foot, b""])


def sign(key: RSAPrivateKey, text: bytes) -> str:
    """SHA256 with RSA (PKCS#1 v1.5) in base64: WeChat Pay's SHA256-RSA2048, Alipay's RSA2."""
    return base64.b64encode(key.sign(text, PKCS1v15(), SHA256())).decode()


def signed(key: RSAPublicKey, signature: str, text: bytes) -> bool:
    """Whether a signature is the key's own of `text`."""
    try:
        key.verify(base64.b64decode(signature, validate=True), text, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def fen_of(yuan: str) -> int:
    """Yuan in text ("29.90", "-0.5") as whole fen, exactly. Raises ValueError."""
    found = _YUAN.fullmatch(yuan.strip())
    if found is None:
        raise ValueError(f"not an amount: {yuan[:20]!r}")
    sign_, whole, part = found.groups()
    fen = int(whole) * 100 + int((part or "0").ljust(2, "0"))
    return -fen if sign_ == "-" else fen


def yuan_of(fen: int) -> str:
    """Whole fen (not negative) as yuan in text: 2990 -> "29.90"."""
    return f"{fen // 100}.{fen % 100:02d}"

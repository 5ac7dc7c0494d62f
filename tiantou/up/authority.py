"""The instance's own certificate authority, for networks without a public name.

A phone is asked to trust it, so it can vouch for little: private addresses and the names it was
made for, by critical name constraints. Whoever steals its key cannot pose as anybody else.
"""

import hashlib
import ipaddress
import os
import socket
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tiantou.kit import clock

YEARS = 10
# Phones take at most 825 days of an authority that their owner added.
SITE_DAYS = 397
RENEW_DAYS = 90
_NETWORKS = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
)
_NAMES = ("localhost", "local", "lan", "home.arpa", "internal")
_Subtree = x509.DNSName | x509.IPAddress


def certificate_path(home: Path) -> Path:
    """The root certificate, for everybody."""
    return home / "edge" / "authority" / "root.crt"


def key_path(home: Path) -> Path:
    """The root's key, for nobody."""
    return home / "edge" / "authority" / "root.key"


def ensure(home: Path, names: Iterable[str]) -> bool:
    """A root, and a site's certificate for `names` (hosts and addresses). True if the root is new.

    One certificate holds every name, so a client that says none, as for an address, gets it too.
    """
    wanted = list(names)
    if _fits(certificate_path(home), wanted) and key_path(home).exists():
        if not _covers(site_path(home), wanted):
            _issue(home, wanted)
        return False
    certificate_path(home).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    _keep(certificate_path(home), _self_signed(key, wanted), key)
    _issue(home, wanted)
    return True


def site_path(home: Path) -> Path:
    """The site's certificate; its key lies beside it, as the root's does."""
    return home / "edge" / "authority" / "site.crt"


def fingerprint(home: Path) -> str:
    """The root certificate's SHA-256, in pairs, as phones show it."""
    loaded = x509.load_pem_x509_certificate(certificate_path(home).read_bytes())
    digest = hashlib.sha256(loaded.public_bytes(serialization.Encoding.DER)).hexdigest().upper()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


def days_left(home: Path) -> int:
    """Days until the root certificate ends."""
    loaded = x509.load_pem_x509_certificate(certificate_path(home).read_bytes())
    return (loaded.not_valid_after_utc - clock.now()).days


def _fits(path: Path, names: list[str]) -> bool:
    try:
        loaded = x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    if loaded.not_valid_after_utc - clock.now() < timedelta(days=RENEW_DAYS):
        return False
    limits = loaded.extensions.get_extension_for_class(x509.NameConstraints).value
    return all(_permitted(limits.permitted_subtrees or [], name) for name in names)


def _permitted(subtrees: Iterable[x509.GeneralName], name: str) -> bool:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        trees = (tree.value for tree in subtrees if isinstance(tree, x509.DNSName))
        return any(name == tree or name.endswith("." + tree) for tree in trees)
    networks = (tree.value for tree in subtrees if isinstance(tree, x509.IPAddress))
    return any(
        address in network
        for network in networks
        if isinstance(network, ipaddress.IPv4Network | ipaddress.IPv6Network)
    )


def _covers(path: Path, names: list[str]) -> bool:
    """Whether the site's certificate holds exactly these names, and for a while yet."""
    try:
        loaded = x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    if loaded.not_valid_after_utc - clock.now() < timedelta(days=RENEW_DAYS):
        return False
    held = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(held) == {_site_name(name) for name in names}


def _site_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _issue(home: Path, names: list[str]) -> None:
    """A certificate for the site, signed by the root."""
    root = x509.load_pem_x509_certificate(certificate_path(home).read_bytes())
    root_key = serialization.load_pem_private_key(key_path(home).read_bytes(), None)
    assert isinstance(root_key, ec.EllipticCurvePrivateKey)
    now, key = clock.now(), ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tiantou")]))
        .issuer_name(root.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=SITE_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(map(_site_name, names)), critical=False)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer_key, critical=False)
        .sign(root_key, hashes.SHA256())
    )
    _keep(site_path(home), certificate, key)


def _keep(path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    """The key first: a certificate without its key would be worse than none."""
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write(path.with_suffix(".key"), secret, 0o600)
    _write(path, certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def _limits(names: list[str]) -> x509.NameConstraints:
    """The private networks and names, and those of `names` that lie outside of them."""
    trees: list[_Subtree] = [x509.IPAddress(ipaddress.ip_network(net)) for net in _NETWORKS]
    trees += [x509.DNSName(name) for name in _NAMES]
    for name in names:
        if not _permitted(trees, name):
            trees.append(_tree(name))
    return x509.NameConstraints(permitted_subtrees=trees, excluded_subtrees=None)


def _tree(name: str) -> _Subtree:
    try:
        return x509.IPAddress(ipaddress.ip_network(ipaddress.ip_address(name)))
    except ValueError:
        return x509.DNSName(name)


def _self_signed(key: ec.EllipticCurvePrivateKey, names: list[str]) -> x509.Certificate:
    now = clock.now()
    title = f"Tiantou on {socket.gethostname()[:40]}, {now:%Y-%m-%d}"
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(_limits(names), critical=True)
        .sign(key, hashes.SHA256())
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)

"""Settings: one frozen object from `TIANTOU_*`, read only by wiring and the command line.

The defaults run the whole thing on one machine with no configuration. What production refuses
stands here as one pure function.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Words = Annotated[tuple[str, ...], NoDecode]
Port = Annotated[int, Field(ge=0, le=65535)]

ROOT_SECRET_BYTES_MIN = 32
WECHAT_API_KEY_BYTES = 32
# What a payment provider cannot do without.
NEEDED = {
    "wechat": (
        "wechat_app_id",
        "wechat_merchant_id",
        "wechat_key_file",
        "wechat_key_serial",
        "wechat_api_key",
    ),
    "alipay": ("alipay_app_id", "alipay_key_file", "alipay_public_key_file"),
}


class Settings(BaseSettings):
    """What an operator may say about an instance; each field is `TIANTOU_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="TIANTOU_", frozen=True, extra="ignore")

    # Who and where.
    mode: Literal["demo", "production"] = "demo"
    """`demo` shows: sandbox payment, codes on the terminal, a banner on every page. `production`
    refuses all of that."""
    role: Literal["room_operator", "platform"] = "room_operator"
    """The legal role: a shop that sells on its own site, or a platform with several sellers."""
    name: str = Field(default="田头 Tiantou", min_length=1, max_length=40)
    """What the instance calls itself, 1 to 40 characters."""
    home: Path = Path("var")
    """The folder of all data."""
    licences: dict[str, str] = {}
    """Names and numbers shown in the footer: icp, edi, culture, audiovisual, business. JSON."""

    # The parts: empty means a child of `up`.
    database_url: str = ""
    """Another PostgreSQL, 18 or later: `postgresql://…`."""
    database_pool: int = Field(default=10, ge=2, le=200)
    """Connections of each process, 2 to 200."""
    nats_url: str = ""
    """Another NATS server: `nats://…`."""
    nats_token: SecretStr = SecretStr("")
    """What enters that server."""
    edge: Literal["caddy", "none"] = "caddy"
    """`none`: another proxy stands in front, and API, gateway and media listen on `port` and the
    two ports after it."""
    pg_user: str = ""
    """The account that runs the embedded PostgreSQL for root where user namespaces are refused."""
    api_processes: int = Field(default=1, ge=1, le=64)
    """Processes of the API on one socket, 1 to 64."""

    # What is open to whom. Port 0 means any free one.
    public: bool = False
    """Open to other devices, by HTTPS; else everything is on loopback."""
    domain: str = Field(default="", max_length=253)
    """A public name: its certificate comes by ACME, ports become 80 and 443, and it is open."""
    acme_url: str = ""
    """The directory of another ACME authority than the usual ones."""
    port: Port = 8080
    """Plain HTTP."""
    https_port: Port = 8443
    """HTTPS, when open to other devices."""
    rtmp_port: Port = 1935
    """Where encoders publish."""
    api_port: Port = 0
    """Behind the edge, on loopback."""
    gateway_port: Port = 0
    """Behind the edge, on loopback."""
    media_port: Port = 0
    """Behind the edge, on loopback."""
    public_urls: Words = ()
    """Addresses that browsers use, the main one first, comma-separated: the allowed Origins."""
    hosts: Words = ()
    """More Host names to answer to, comma-separated."""
    gateway_url: str = ""
    """Where browsers find the gateway; empty: `/rt` of the page's own origin."""
    media_url: str = ""
    """Where browsers find media; empty: `/live` and `/in` of the page's own origin."""
    rtmp_url: str = ""
    """What an encoder is told; empty: made of the main public address and `rtmp_port`."""

    # Secrets: raw text of at least 32 bytes; the one before stays valid for reading.
    root_secret: SecretStr = SecretStr("")
    """Everything secret is derived from it. Empty: made at the first start, in `secret` of the
    home."""
    root_secret_before: SecretStr = SecretStr("")
    """The one before, while what it sealed is still read."""

    # The outside world: names of adapters.
    payment: str = "sandbox"
    """The payment providers, comma-separated, in the order in which buyers see them. There are
    `sandbox`, `wechat` and `alipay`."""
    wechat_app_id: str = Field(default="", max_length=32)
    """WeChat Pay: the official account's AppID."""
    wechat_app_secret: SecretStr = SecretStr("")
    """Its AppSecret, which asks who pays inside WeChat; empty: nobody can pay there."""
    wechat_merchant_id: str = Field(default="", max_length=32)
    """WeChat Pay: the merchant's number."""
    wechat_key_file: Path | None = None
    """The merchant's private key, `apiclient_key.pem`, mode 0600."""
    wechat_key_serial: str = Field(default="", max_length=64)
    """The serial number of the certificate to that key."""
    wechat_api_key: SecretStr = SecretStr("")
    """The API v3 key, 32 characters."""
    wechat_public_key_file: Path | None = None
    """WeChat Pay's public key; empty: its platform certificates are fetched."""
    wechat_public_key_id: str = Field(default="", max_length=64)
    """The id of that key, `PUB_KEY_ID_…`."""
    wechat_url: str = "https://api.mch.weixin.qq.com"
    """Where WeChat Pay answers."""
    alipay_app_id: str = Field(default="", max_length=32)
    """Alipay: the application's APPID."""
    alipay_key_file: Path | None = None
    """The application's private key, mode 0600."""
    alipay_public_key_file: Path | None = None
    """Alipay's public key for that application."""
    alipay_seller_id: str = Field(default="", max_length=32)
    """The merchant's PID, `2088…`; empty: notices are not asked for it."""
    alipay_url: str = "https://openapi.alipay.com/gateway.do"
    """Alipay's gateway; its sandbox's is `https://openapi-sandbox.dl.alipaydev.com/gateway.do`."""
    outgoing_private: Words = ()
    """Hosts that may be called at private addresses and by plain HTTP, comma-separated."""
    sms: str = "console"
    """The sender of SMS. There is `console`, which shows them on the terminal."""

    # How it behaves.
    review: Literal["operator", "at_once"] = "operator"
    """Who approves a session before it goes live: the operator, or nobody."""
    media_grace_s: int = Field(default=600, ge=5, le=3600)
    """How long a lost signal may come back into the same session and recording, 5 to 3600 seconds.
    A session that went on air and never got one ends after as long."""
    keep_days: int = Field(default=3 * 365 + 31, ge=1096)
    """How long recordings stay at least: three years and thirty days."""
    payout_due_days: int = Field(default=7, ge=0, le=90)
    """Days after which what is owed to a household is due, 0 to 90."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least serious line that is written."""

    @field_validator("public_urls", "hosts", "outgoing_private", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        """Comma-separated words."""
        if isinstance(value, str):
            return tuple(word.strip().rstrip("/") for word in value.split(",") if word.strip())
        return value

    @field_validator("public_urls")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for url in value:
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
                raise ValueError(f"{url}: an address is http(s)://host[:port] without a path")
        return value

    @field_validator("root_secret", "root_secret_before")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value().encode()) < ROOT_SECRET_BYTES_MIN:
            raise ValueError(f"at least {ROOT_SECRET_BYTES_MIN} bytes")
        return value

    @field_validator("wechat_api_key")
    @classmethod
    def _api_key(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value().encode()) not in {0, WECHAT_API_KEY_BYTES}:
            raise ValueError(f"the API v3 key has {WECHAT_API_KEY_BYTES} characters")
        return value

    def missing(self, provider: str) -> list[str]:
        """The settings that a payment provider needs and does not have, by their names."""
        named = [name for name in NEEDED.get(provider, ()) if not self._has(name)]
        if provider == "wechat" and self._has("wechat_public_key_file"):
            named += [] if self.wechat_public_key_id else ["wechat_public_key_id"]
        return [f"TIANTOU_{name.upper()}" for name in named]

    def _has(self, name: str) -> bool:
        value = getattr(self, name)
        return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)

    @property
    def demo(self) -> bool:
        """Whether this instance only shows."""
        return self.mode == "demo"

    @property
    def place(self) -> Path:
        """The home as an absolute path."""
        return self.home.resolve()

    @property
    def public_url(self) -> str:
        """The main address, without a slash at its end; empty if there is none."""
        return self.public_urls[0] if self.public_urls else ""

    @property
    def payments(self) -> tuple[str, ...]:
        """The names of the payment providers."""
        return tuple(word.strip() for word in self.payment.split(",") if word.strip())

    @property
    def known_hosts(self) -> frozenset[str]:
        """Host names, without ports, that requests may carry."""
        named = {str(urlsplit(url).hostname) for url in self.public_urls}
        return frozenset({"localhost", "127.0.0.1", "::1", *named, *self.hosts})


@dataclass(frozen=True)
class Facts:
    """What only the running instance knows, for `refusals`."""

    ever_demo: bool = False
    demo_rows: bool = False


def refusals(settings: Settings, facts: Facts) -> list[str]:
    """Why a production instance must not start, each with its remedy; empty when it may."""
    if settings.demo:
        return []
    checks = (
        (
            "sandbox" in settings.payments,
            "payment is the sandbox: name a payment adapter in TIANTOU_PAYMENT",
        ),
        *(
            (True, f"{name} cannot be paid: set {', '.join(settings.missing(name))}")
            for name in settings.payments
            if settings.missing(name)
        ),
        (
            not settings.payments,
            "nobody can pay: name a payment adapter in TIANTOU_PAYMENT",
        ),
        (
            settings.sms == "console",
            "sign-in codes go to the console: name an SMS adapter in TIANTOU_SMS",
        ),
        (
            facts.demo_rows,
            "the database holds the demo fair: start production on an empty database",
        ),
        (
            facts.ever_demo and not facts.demo_rows,
            "the database was once in demo mode and never becomes a production one:"
            " start on an empty database",
        ),
        (
            not settings.public_url and not settings.domain,
            "no public address: set TIANTOU_PUBLIC_URLS=https://… or TIANTOU_DOMAIN",
        ),
        (
            not settings.root_secret.get_secret_value(),
            "the root secret was not given: set TIANTOU_ROOT_SECRET and keep a copy elsewhere",
        ),
        (
            settings.role == "platform" and settings.review == "at_once",
            "a platform reviews sessions before they go live: set TIANTOU_REVIEW=operator",
        ),
    )
    return [why for wrong, why in checks if wrong]

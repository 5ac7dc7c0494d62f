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


class Settings(BaseSettings):
    """What an operator may say about an instance; each field is `TIANTOU_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="TIANTOU_", frozen=True, extra="ignore")

    # Who and where.
    mode: Literal["demo", "production"] = "demo"
    role: Literal["room_operator", "platform"] = "room_operator"
    name: str = Field(default="田头 Tiantou", min_length=1, max_length=40)
    home: Path = Path("var")
    licences: dict[str, str] = {}
    """Names and numbers shown in the footer: icp, edi, culture, audiovisual, business."""

    # The parts: empty means a child of `up`.
    database_url: str = ""
    database_pool: int = Field(default=10, ge=2, le=200)
    nats_url: str = ""
    nats_token: SecretStr = SecretStr("")
    edge: Literal["caddy", "none"] = "caddy"
    pg_user: str = ""
    """The account that runs the embedded PostgreSQL for root where user namespaces are refused."""
    api_processes: int = Field(default=1, ge=1, le=64)

    # What is open to whom. Port 0 means any free one.
    public: bool = False
    domain: str = Field(default="", max_length=253)
    acme_url: str = ""
    """The directory of another ACME authority than the usual ones."""
    port: Port = 8080
    https_port: Port = 8443
    rtmp_port: Port = 1935
    api_port: Port = 0
    gateway_port: Port = 0
    sse_port: Port = 0
    media_port: Port = 0
    public_urls: Words = ()
    """Addresses that browsers use, the main one first: also the allowed Origins."""
    hosts: Words = ()
    """More Host names to answer to."""
    gateway_url: str = ""
    """Where browsers find the gateway; empty: `/rt` of the page's own origin."""
    media_url: str = ""
    """Where browsers find media; empty: `/live` and `/in` of the page's own origin."""
    rtmp_url: str = ""
    """What an encoder is told; empty: made of the main public address and `rtmp_port`."""

    # Secrets: raw text of at least 32 bytes; the one before stays valid for reading.
    root_secret: SecretStr = SecretStr("")
    root_secret_before: SecretStr = SecretStr("")

    # The outside world: names of adapters.
    payment: str = "sandbox"
    sms: str = "console"

    # How it behaves.
    review: Literal["operator", "at_once"] = "operator"
    media_grace_s: int = Field(default=600, ge=5, le=3600)
    session_minutes_max: int = Field(default=600, ge=10, le=1440)
    keep_days: int = Field(default=3 * 365 + 31, ge=1096)
    """How long recordings stay at least: three years and thirty days."""
    payout_due_days: int = Field(default=7, ge=0, le=90)
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("public_urls", "hosts", mode="before")
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
            settings.payment == "sandbox",
            "payment is the sandbox: name a payment adapter in TIANTOU_PAYMENT",
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

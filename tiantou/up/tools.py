"""An operator's smaller tools: migrate, upgrade, the first operator's link."""

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from tiantou.core import delivery
from tiantou.core.db import open_database
from tiantou.core.problems import InvalidFields, NotFound, Problem
from tiantou.core.queues_http import look
from tiantou.kit import clock
from tiantou.kit.machine import WrongState
from tiantou.kit.mendable import Mendable
from tiantou.migrations.run import migrate as run_migrations
from tiantou.migrations.run import newest
from tiantou.settings import Settings
from tiantou.up.at_hand import at_hand
from tiantou.up.backup import Say, backup
from tiantou.up.keyring import keys
from tiantou.up.revision import revision_of


class NoSuchNumber(Mendable):
    """What was typed is no mobile number."""


async def migrate(settings: Settings) -> str:
    """Brings the database to the newest schema; gives its revision."""
    async with at_hand(settings, "migrate") as dsn:
        database = open_database(dsn, pool_size=3, name="tiantou migrate")
        try:
            return await run_migrations(database.engine)
        finally:
            await database.close()


async def upgrade(settings: Settings, file: Path, say: Say) -> None:
    """Backs up without recordings, then migrates; says so if there is nothing to do."""
    async with at_hand(settings, "upgrade") as dsn:
        database = open_database(dsn, pool_size=2, name="tiantou upgrade")
        try:
            async with database.begin() as tx:
                before = await revision_of(tx)
        finally:
            await database.close()
    if before == newest():
        say(f"  The schema is at {before}, the newest: nothing to do")
        return
    if before is not None:
        await backup(settings, file, media=False, say=say)
    after = await migrate(settings)
    say(f"  The schema went from {before or 'nothing'} to {after}; start with `tiantou up`")


def yesterday() -> date:
    """The day before this one, in Asia/Shanghai."""
    return (clock.now() + timedelta(hours=8)).date() - timedelta(days=1)


class NoSuchProvider(Mendable):
    """A payment provider that is not set up."""


async def reconcile(settings: Settings, day: date, say: Say) -> None:
    """Compares providers' bills of a day with our rows. Raises NoSuchProvider, KeyUnusable."""
    from tiantou import wiring

    async with at_hand(settings, "reconcile") as dsn:
        database = open_database(dsn, pool_size=2, name="tiantou reconcile")
        try:
            async for words in wiring.reconcile(settings, keys(settings), database, day):
                say(words)
        except ValueError as error:
            raise NoSuchProvider(str(error)) from error
        finally:
            await database.close()


async def audit(settings: Settings, say: Say) -> int:
    """Recomputes the books; says what differs, and gives how many rules are broken."""
    from tiantou import wiring

    async with at_hand(settings, "audit") as dsn:
        database = open_database(dsn, pool_size=2, name="tiantou audit")
        try:
            made = await wiring.audit(database)
        finally:
            await database.close()
    for line in made[1]:
        say(line)
    return made[0]


class NotParked(Mendable):
    """There is no parked fact of that number."""


async def show_queues(settings: Settings, say: Say) -> int:
    """Says how the queues stand; gives how many facts are parked."""
    async with at_hand(settings, "queues") as dsn:
        database = open_database(dsn, pool_size=2, name="tiantou queues")
        try:
            async with database.begin() as tx:
                found = await look(tx, {})
        finally:
            await database.close()
    timers = found.timers
    say(f"timers: {timers.standing} standing, {timers.late} late, {timers.failing} failing")
    for one in found.facts:
        say(f"{one.consumer} of {one.source}: {one.behind} behind, moved {one.at:%F %T} UTC")
    for fact in found.waiting:
        state = "parked" if fact.parked else f"tried again {fact.next_at:%F %T} UTC"
        say(f"{fact.no} {fact.reaction} {fact.kind} {fact.key}: {state}, {fact.error}")
    return sum(one.parked for one in found.waiting)


async def run_parked(settings: Settings, number: int) -> None:
    """Lets a parked fact be tried again. Raises NotParked."""
    async with at_hand(settings, "queues") as dsn:
        database = open_database(dsn, pool_size=2, name="tiantou queues")
        try:
            async with database.begin() as tx:
                if not await delivery.unpark(tx, number):
                    raise NotParked(f"no parked fact has the number {number}: tiantou queues show")
        finally:
            await database.close()


class CannotDelete(Mendable):
    """A recording that stays, and why."""


async def delete_recording(settings: Settings, session_id: UUID) -> None:
    """Hands the recording of a session to the retention job. Raises CannotDelete."""
    from tiantou import wiring

    async with at_hand(settings, "recording") as dsn:
        database = open_database(dsn, pool_size=2, name="tiantou recording")
        try:
            async with database.begin() as tx:
                await wiring.delete_recording(tx, session_id)
        except NotFound as error:
            raise CannotDelete(f"there is no recording of session {session_id}") from error
        except WrongState as error:
            raise CannotDelete(f"the recording of {session_id} is {error.state}") from error
        except Problem as kept:
            until = kept.members.get("keep_until", "")
            raise CannotDelete(f"{kept.title}: it is kept until {until}") from kept
        finally:
            await database.close()


async def add_operator(settings: Settings, phone: str) -> str:
    """Makes an operator and gives a link that signs him in once. Raises NoSuchNumber."""
    from tiantou import wiring

    async with at_hand(settings, "user") as dsn:
        database = open_database(dsn, pool_size=2, name="tiantou user")
        try:
            await run_migrations(database.engine)
            async with database.begin() as tx:
                token = await wiring.operator_link(tx, keys(settings), phone)
        except InvalidFields as error:
            raise NoSuchNumber(f"{phone} is no mobile number") from error
        finally:
            await database.close()
    base = settings.public_url or f"http://localhost:{settings.port}"
    return f"{base}/link/{token}"

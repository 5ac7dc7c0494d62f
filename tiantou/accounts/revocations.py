"""The short lists in memory that make a token's check need no I/O.

Ended sessions and changed roles of the last 30 days (the life of a token): read at start and at
every reconnect, and heard in between.
"""

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta
from uuid import UUID

from tiantou.accounts import sessions_sql
from tiantou.accounts.people_sql import REVOCATIONS
from tiantou.accounts.revocations_sql import listen_once
from tiantou.accounts.sessions import LIFE_S
from tiantou.core.db import Database
from tiantou.core.subject import Subject
from tiantou.kit import clock

PAUSE_MIN_S, PAUSE_MAX_S = 0.1, 5.0

log = logging.getLogger("tiantou.sessions")


class Revocations:
    """What has been revoked, as this process knows it; `start` before the first request.

    The database may be given at the start: an app is put together before it is opened.
    """

    def __init__(self, database: Database | None = None) -> None:
        self._given = database
        self._ended: dict[UUID, datetime] = {}
        self._versions: dict[UUID, tuple[int, datetime]] = {}
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self.reloads = 0

    @property
    def _database(self) -> Database:
        if self._given is None:
            raise RuntimeError("start the revocations with a database first")
        return self._given

    async def start(self, database: Database | None = None) -> None:
        """Reads the lists and listens from now on."""
        self._given = database or self._given
        assert self._database
        self._task = asyncio.create_task(self._run(), name="revocations")
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({ready, self._task}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()

    async def close(self) -> None:
        """Stops listening."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def ended(self, session_id: UUID) -> bool:
        """Whether the session has been revoked."""
        return session_id in self._ended

    def outdated(self, person_id: UUID, version: int) -> bool:
        """Whether a token with that version of the person's roles is too old."""
        newest = self._versions.get(person_id)
        return newest is not None and newest[0] > version

    async def reread(self, session_id: UUID) -> tuple[Subject, int] | None:
        """The subject as the rows say; None if the session has ended. Raises on a lost database."""
        async with self._database.begin() as tx:
            return await sessions_sql.reread(tx, session_id, seen=True)

    def heard(self, word: str) -> None:
        """One notice: `s <session>` has ended, or `r <person> <version>` of his roles is new."""
        kind, *rest = word.split()
        if kind == "s" and len(rest) == 1:
            self._ended[UUID(rest[0])] = clock.now()
        elif kind == "r" and len(rest) == 2:
            self._newer(UUID(rest[0]), int(rest[1]), clock.now())

    def _newer(self, person_id: UUID, version: int, at: datetime) -> None:
        known = self._versions.get(person_id)
        if known is None or known[0] < version:
            self._versions[person_id] = (version, at)

    async def _reload(self) -> None:
        """Adds what the rows know; forgets what no living token can name."""
        async with self._database.begin() as tx:
            ended = await sessions_sql.revoked_since(tx, LIFE_S)
            changed = await sessions_sql.roles_changed_since(tx, LIFE_S)
        self._ended.update(ended)
        for person_id, version, at in changed:
            self._newer(person_id, version, at)
        old = clock.now() - timedelta(seconds=LIFE_S)
        self._ended = {one: at for one, at in self._ended.items() if at > old}
        self._versions = {one: known for one, known in self._versions.items() if known[1] > old}
        self.reloads += 1
        self._ready.set()

    async def _run(self) -> None:
        pause_s = PAUSE_MIN_S
        while True:
            before = self.reloads
            try:
                await listen_once(self._database.dsn, REVOCATIONS, self.heard, self._reload)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                # whatever went wrong, the lists must go on being read: say it and try again
                log.warning("revocations are not heard for now: %r", error)
            pause_s = PAUSE_MIN_S if self.reloads > before else min(PAUSE_MAX_S, pause_s * 2)
            await asyncio.sleep(pause_s)

"""The database: one engine a process, one transaction a request, a fact or a job."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import MetaData, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import UserDefinedType

Tx = AsyncSession

POOL_SIZE = 10
STATEMENT_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_MS = 10_000


# serialization, deadlock, lock not to be had, query cancelled, shutdown, too many connections
_RETRY_STATES = frozenset({"40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "53300"})


def refused_for_now(error: BaseException) -> bool:
    """Whether the database refused for now; connection losses and rival locks are worth a retry."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None)
        return bool(error.connection_invalidated) or state in _RETRY_STATES
    return isinstance(error, ConnectionError | TimeoutError | NoConnection)


class Table(DeclarativeBase):
    """The parent of every table; constraint names follow one convention."""

    metadata = MetaData(
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s_ix",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s_check",
            "fk": "%(table_name)s_%(column_0_N_name)s_fk",
            "pk": "%(table_name)s_pk",
        }
    )


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id, a whole number."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in DDL."""
        return "xid8"


ischema_names["xid8"] = Xid8


@dataclass(frozen=True)
class Database:
    """The open database of a process: `begin` for transactions, `dsn` for raw asyncpg work."""

    engine: AsyncEngine
    dsn: str
    _sessions: async_sessionmaker[Tx]
    _beside: async_sessionmaker[Tx]
    _engine_beside: AsyncEngine | None = None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        """A transaction: committed at the end of the block, rolled back on an exception."""
        async with self._sessions.begin() as tx:
            yield tx

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Tx]:
        """For reads on a hot path that need no common snapshot: no transaction is opened, so each
        statement stands alone and two round trips are saved.
        """
        async with self.alone() as tx:
            yield tx

    def alone(self) -> Tx:
        """A session whose statements stand alone; its owner closes it."""
        alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        return AsyncSession(alone, expire_on_commit=False)

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[Tx]:
        """Like `begin`, for who may run within a request that holds a transaction already.

        Of a pool of its own: were both of one pool, as many requests as it has connections would
        each hold one and wait for ever for a second.
        """
        async with self._beside.begin() as tx:
            yield tx

    def session(self) -> Tx:
        """A session whose owner commits or rolls back himself."""
        return self._sessions()

    async def close(self) -> None:
        """Closes every connection."""
        await self.engine.dispose()
        if self._engine_beside is not None:
            await self._engine_beside.dispose()


class Window:
    """A connection that is kept for one reader who looks again and again: it is neither taken from
    the pool nor asked whether it lives each time. One that fails is given back; the next look takes
    another.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tx: Tx | None = None

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Tx]:
        """As `Database.looking`; two looks at once are two connections, of which one is kept."""
        tx, self._tx = self._tx or self._database.alone(), None
        try:
            yield tx
        except BaseException:
            await tx.close()
            raise
        if self._tx is None:
            self._tx = tx
        else:
            await tx.close()

    async def close(self) -> None:
        """Gives the connection back."""
        if self._tx is not None:
            await self._tx.close()
            self._tx = None


async def check_deferred(tx: Tx) -> None:
    """Raises now what deferred constraints would raise at the commit, to everybody in it."""
    await tx.flush()
    await tx.execute(text("set constraints all immediate"))
    await tx.execute(text("set constraints all deferred"))


def sqlalchemy_url(dsn: str) -> str:
    """The SQLAlchemy form of a `postgresql://` address."""
    head, _, rest = dsn.partition("://")
    if head not in {"postgresql", "postgres"}:
        raise ValueError("the database's address starts with postgresql://")
    return "postgresql+asyncpg://" + rest


def open_database(dsn: str, pool_size: int = POOL_SIZE, name: str = "tiantou") -> Database:
    """Opens lazily: the first transaction connects. `dsn` is `postgresql://…`, unix sockets too.

    A socket is named as `postgresql://user@/db?host=/run/dir&port=5432`.
    """

    async def connect(*_: Any, **__: Any) -> Any:
        return await asyncpg.connect(
            dsn,
            timeout=10,
            command_timeout=60,
            server_settings={
                "application_name": name,
                "statement_timeout": str(STATEMENT_TIMEOUT_MS),
                "lock_timeout": str(LOCK_TIMEOUT_MS),
                "idle_in_transaction_session_timeout": "60000",
                "timezone": "UTC",
                "jit": "off",
            },
        )

    def engine(size: int) -> AsyncEngine:
        return create_async_engine(
            "postgresql+asyncpg://",
            async_creator=connect,
            pool_size=size,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=True,
            # an error's text goes to the log and to the operator's page: no phone, no digest in it
            hide_parameters=True,
        )

    main, aside = engine(pool_size), engine(max(2, pool_size // 3))
    sessions, beside = (async_sessionmaker(one, expire_on_commit=False) for one in (main, aside))
    return Database(main, dsn, sessions, beside, aside)

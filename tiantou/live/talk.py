"""What is said in a room: written in order before anybody sees it, one writer a room at a time."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tiantou.accounts import face as accounts
from tiantou.core import limits, once
from tiantou.core.bus import Bus
from tiantou.core.db import Database, Tx
from tiantou.core.keys import Keys
from tiantou.core.lanes import Lane
from tiantou.core.once import Asked
from tiantou.core.problems import InvalidFields, NotFound, TooManyRequests
from tiantou.core.subject import ASSISTANT, HOST, MANAGER, OWNER, Subject
from tiantou.kit import clock, ids, text
from tiantou.live import sessions_sql, wire
from tiantou.live import steps as machine
from tiantou.live import talk_sql as sql
from tiantou.live.lifecycle import ON_AIR, PUBLIC
from tiantou.live.problems import Banned, Muted, NotOnAir, SlowMode
from tiantou.live.room_events import AnsweredEvent, QuestionEvent
from tiantou.live.tables import LineRow, QuestionRow, SessionRow

TEXT_CHARS_MAX = 100
LINES_PER = ((8, 10), (60, 300))
QUESTIONS_OPEN_MAX = 3
ANSWERED = 201


@dataclass(frozen=True)
class Said:
    """A line that waits for its number; `once` names the request, if it may come twice."""

    person_id: UUID
    person_no: int
    nickname: str
    badge: str
    text: str
    at: datetime
    once: Asked | None = None


def badge_of(row: SessionRow, caller: Subject | None) -> str:
    """How a person's words are marked in a room: host, assistant, seller, operator, or not."""
    if caller is None:
        return ""
    roles = caller.roles_in(row.org_id)
    if caller.person_id == row.host_person_id or HOST in roles:
        return "host"
    if ASSISTANT in roles:
        return "assistant"
    if roles & {OWNER, MANAGER}:
        return "seller"
    return "operator" if caller.operator else ""


def line_of(row: LineRow) -> wire.ChatLine:
    """A stored line as shown."""
    return wire.ChatLine.model_validate(row, from_attributes=True)


class Talk:
    """The rooms' lines of one process: a lane a room, each batch one transaction.

    A line and the answer that is kept for its key are one: a request that comes again, here or in
    another process, gets the line that it has already said.
    """

    def __init__(self, database: Database, bus: Bus, keys: Keys) -> None:
        self._database, self._bus, self._keys = database, bus, keys
        self._lanes: dict[UUID, Lane[Said, wire.ChatLine]] = {}

    async def say(self, session_id: UUID, said: Said) -> wire.ChatLine:
        """Stores a line and sends it on. Raises Busy if the room's lane is full, KeyReused."""
        lane = self._lanes.get(session_id)
        if lane is None:
            self._lanes = {key: one for key, one in self._lanes.items() if not one.idle}
            lane = self._lanes[session_id] = Lane(lambda asks: self._write(session_id, asks))
        return await lane.put(said)

    async def said_before(self, tx: Tx, asked: Asked | None) -> wire.ChatLine | None:
        """The line of an earlier request with this key. Raises KeyReused."""
        sealed = None if asked is None else await once.kept(tx, asked)
        return None if sealed is None else self._line(sealed)

    def _line(self, sealed: bytes) -> wire.ChatLine:
        return wire.ChatLine.model_validate_json(once.unseal(self._keys, sealed))

    async def _write(
        self, session_id: UUID, asks: Sequence[Said]
    ) -> list[wire.ChatLine | BaseException]:
        async with self._database.beside() as tx:
            before = await once.begin_all(tx, [one.once for one in asks if one.once])
            # of two with one key in one batch, the first speaks
            keyed = {one.once: one for one in reversed(asks) if one.once}
            new = [
                one
                for one in asks
                if one.once is None or (one.once not in before and keyed[one.once] is one)
            ]
            lines = await self._add(tx, session_id, new)
        for line in lines.values():
            await self._bus.publish(f"room.{session_id}.in", frame_of(line))
        answers: list[wire.ChatLine | BaseException] = []
        for one in asks:
            kept = before.get(one.once) if one.once else None
            if isinstance(kept, bytes):
                answers.append(self._line(kept))
            else:
                answers.append(kept or lines[id(keyed[one.once] if one.once else one)])
        return answers

    async def _add(
        self, tx: Tx, session_id: UUID, asks: Sequence[Said]
    ) -> dict[int, wire.ChatLine]:
        """Numbers and stores lines, with the answers kept for them; by the identity of each."""
        if not asks:
            return {}
        first = await sql.next_numbers(tx, session_id, len(asks))
        lines = [
            wire.ChatLine(no=number, **_shown(one, "person_id"))
            for number, one in enumerate(asks, first)
        ]
        rows = [
            {"session_id": session_id, "no": line.no, **_shown(one)}
            for one, line in zip(asks, lines, strict=True)
        ]
        await sql.add_lines(tx, rows)
        kept = {
            one.once: once.seal(self._keys, line.model_dump_json().encode())
            for one, line in zip(asks, lines, strict=True)
            if one.once
        }
        await once.answer_all(tx, kept, ANSWERED, "application/json")
        return {id(one): line for one, line in zip(asks, lines, strict=True)}


def _shown(said: Said, *without: str) -> dict[str, Any]:
    return {key: value for key, value in said.__dict__.items() if key not in {"once", *without}}


def frame_of(line: wire.ChatLine) -> bytes:
    """A line as frames carry it."""
    short = {"i": line.no, "u": line.nickname, "x": line.text, "b": line.badge, "p": line.person_no}
    return json.dumps(short, ensure_ascii=False, separators=(",", ":")).encode()


async def may_speak(tx: Tx, session_id: UUID, caller: Subject) -> SessionRow:
    """The session, if the caller may write in it now. Raises NotFound, NotOnAir, Banned, Muted."""
    row = await sessions_sql.session(tx, session_id)
    if row is None or row.state not in PUBLIC or row.venue == "elsewhere":
        raise NotFound()
    if row.state not in ON_AIR:
        raise NotOnAir()
    if badge_of(row, caller):
        return row
    for one in await sql.sanctions(tx, row.org_id, caller.person_no, clock.now()):
        if one.kind == "ban":
            raise Banned()
        raise Muted(until=one.until.isoformat() if one.until else None)
    return row


def _clean(words: str, least: int) -> str:
    kept = text.clean(words)
    if not least <= len(kept) <= TEXT_CHARS_MAX:
        raise InvalidFields.one("text", "length", min=least, max=TEXT_CHARS_MAX)
    return kept


async def say(
    database: Database,
    talk: Talk,
    caller: Subject,
    session_id: UUID,
    words: str,
    asked: Asked | None,
) -> tuple[wire.ChatLine, bool]:
    """Says something; with the line, whether it was said before under the same key.

    Raises InvalidFields, Muted, Banned, NotOnAir, SlowMode, Busy, KeyReused.
    """
    kept = _clean(words, 1)
    async with database.beside() as tx:
        if (before := await talk.said_before(tx, asked)) is not None:
            return before, True
        row = await may_speak(tx, session_id, caller)
        badge = badge_of(row, caller)
        person = await accounts.person(tx, caller.person_id)
    if not badge:
        await _not_too_fast(database, f"{session_id}:{caller.person_no}")
    nickname = person.nickname if person else ""
    said = Said(caller.person_id, caller.person_no, nickname, badge, kept, clock.now(), asked)
    line = await talk.say(session_id, said)
    return line, line.at != said.at


async def _not_too_fast(database: Database, key: str) -> None:
    try:
        await limits.spend(database, "live.chat", key, LINES_PER)
    except TooManyRequests as problem:
        raise SlowMode(retry_after_s=problem.members["retry_after_s"]) from problem


def question_of(row: QuestionRow, session: SessionRow) -> wire.Question:
    """A question as shown; the second of the answer counts from the session's start."""
    answered_s = None
    if row.answered_at is not None and session.started_at is not None:
        answered_s = max(0, int((row.answered_at - session.started_at).total_seconds()))
    return wire.Question(
        id=row.id,
        text=row.text,
        nickname=row.nickname,
        person_no=row.person_no,
        votes=row.votes,
        at=row.at,
        answered_at=row.answered_at,
        answer=row.answer,
        answered_s=answered_s,
    )


async def ask(tx: Tx, caller: Subject, session_id: UUID, words: str) -> wire.Question:
    """Asks the host. Raises InvalidFields, Muted, Banned, NotOnAir, SlowMode (3 open at most)."""
    kept = _clean(words, 2)
    session = await may_speak(tx, session_id, caller)
    if await sql.open_count(tx, session_id, caller.person_id) >= QUESTIONS_OPEN_MAX:
        raise SlowMode(retry_after_s=60, open_max=QUESTIONS_OPEN_MAX)
    person = await accounts.person(tx, caller.person_id)
    row = QuestionRow(
        id=ids.uuid7(),
        session_id=session_id,
        person_id=caller.person_id,
        person_no=caller.person_no,
        nickname=person.nickname if person else "",
        text=kept,
        votes=1,
        at=clock.now(),
    )
    await sessions_sql.add(tx, row)
    await sql.vote(tx, row.id, caller.person_id)
    shown = question_of(row, session)
    await machine.tell_room(tx, session_id, QuestionEvent(question=shown))
    return shown


async def vote(tx: Tx, caller: Subject, session_id: UUID, question_id: UUID) -> wire.Question:
    """Wants a question answered, too; a second vote changes nothing."""
    session = await may_speak(tx, session_id, caller)
    row = await sql.question(tx, session_id, question_id)
    if row is None:
        raise NotFound()
    if await sql.vote(tx, question_id, caller.person_id):
        row.votes += 1
    return question_of(row, session)


async def answer(
    tx: Tx, caller: Subject, session: SessionRow, question_id: UUID, words: str | None
) -> wire.Question:
    """Marks a question answered, on air or in writing; the room is told."""
    row = await sql.question(tx, session.id, question_id)
    if row is None:
        raise NotFound()
    row.answered_at, row.answered_by = clock.now(), caller.person_id
    row.answer = _clean(words, 1) if words else None
    shown = question_of(row, session)
    await machine.tell_room(tx, session.id, AnsweredEvent(question=shown))
    return shown


async def skip(tx: Tx, session: SessionRow, question_id: UUID) -> None:
    """Takes a question out of the queue without an answer."""
    row = await sql.question(tx, session.id, question_id)
    if row is None:
        raise NotFound()
    row.skipped_at = clock.now()

"""The fair's process: writes the fair, draws its films, puts room after room on air, and hosts.

Its host pins and answers by a script; it never invents a viewer, an order or a figure.
"""

import asyncio
import contextlib
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from tiantou import parts
from tiantou.accounts import face as accounts
from tiantou.core.subject import Subject
from tiantou.demo import seed
from tiantou.demo.rooms import Stall
from tiantou.demo.seed import Seeded
from tiantou.kit import clock
from tiantou.kit.machine import WrongState
from tiantou.live import control, sessions, supervise, talk, talk_sql, wire
from tiantou.live import sessions_sql as live_sql
from tiantou.live.lifecycle import ON_AIR
from tiantou.live.ports import Broadcasting
from tiantou.live.tables import SessionRow
from tiantou.media import push
from tiantou.parts import Parts
from tiantou.settings import Settings
from tiantou.trade import face as trade

PIN_EVERY_S = 90
ANSWER_AFTER_S = 8
STOCK_WAIT_S = 60
VERSION = 2


def say(words: str) -> None:
    """A line of progress for whoever started it."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def run(settings: Settings) -> None:
    """The process, to its end."""
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with parts.open_parts(settings, "tiantou fair") as made:
        working = asyncio.create_task(_fair(made, stop))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            working.cancel()
        stopping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working


async def _fair(made: Parts, stop: asyncio.Event) -> None:
    say("fair: writing three shops with their harvest")
    stalls = await seed.seed(made.database, made.keys, made.files)
    await _wait_for_stock(made, stalls)
    async with asyncio.TaskGroup() as group:
        for number, stall in enumerate(stalls, 1):
            film = await _film(made, stall.stall)
            session_id = await _on_air(made, stall)
            key = await _key(made, stall, session_id)
            group.create_task(
                push.push_for_ever(made.settings.rtmp_url, key, push.film_of(film), stop)
            )
            group.create_task(_host(made, stall, session_id))
            say(f"fair: room {number} of {len(stalls)} on air: {stall.stall.title}")
        await _links(made, stalls)
        ready = os.environ.get("TIANTOU_READY_FILE")
        if ready:
            await asyncio.to_thread(Path(ready).touch)


async def _wait_for_stock(made: Parts, stalls: list[Seeded]) -> None:
    """The worker turns packed lots into stock and offers."""
    async with asyncio.timeout(STOCK_WAIT_S):
        for stall in stalls:
            while True:
                async with made.database.begin() as tx:
                    open_now = await trade.offers_of_packs(tx, stall.org_id, stall.packs)
                if {one.pack_id for one in open_now} >= set(stall.packs):
                    break
                await asyncio.sleep(0.2)


async def _film(made: Parts, stall: Stall) -> Path:
    """The stall's film; drawn and encoded once in a child, then kept."""
    folder = made.settings.place / "demo"
    film = folder / f"{stall.look}-{VERSION}.flv"
    if film.exists():
        return film
    folder.mkdir(parents=True, exist_ok=True)
    say(f"fair: drawing the film of {stall.title}")
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tiantou.demo.films",
        stall.look,
        str(film),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        code = await child.wait()
    except asyncio.CancelledError:
        child.kill()
        raise
    if code != 0:
        raise RuntimeError(f"the film of {stall.look} could not be made")
    return film


async def _on_air(made: Parts, stall: Seeded) -> UUID:
    """The stall's session on air: the one that was, within its grace, or a new one."""
    ways: Broadcasting = made.engines[Broadcasting]
    async with made.database.begin() as tx:
        held = await live_sql.sessions_of(tx, stall.org_id, None, None, 10)
        for row in held:
            if row.state in ON_AIR:
                return row.id
        picture = await seed.cover_of(tx, made.files, stall.stall)
        planned = _plan(stall, picture)
        row = await sessions.plan(tx, made.keys, stall.owner, stall.org_id, planned)
        for act in ("announce", "submit"):
            await sessions.act(tx, stall.owner, row.id, act, ways)
        if row.state == "in_review":
            await supervise.review_decided(tx, row.id, approved=True, reasons=None)
        await sessions.go_live(tx, stall.owner, row.id, ways, writable=True)
        return row.id


def _plan(stall: Seeded, picture: str) -> wire.SessionIn:
    spec = stall.stall
    return wire.SessionIn.model_validate(
        {
            "title": spec.title,
            "cover": picture,
            "starts_at": clock.now() + timedelta(minutes=1),
            "planned_minutes": 480,
            "host": {"kind": spec.host_kind, "name": spec.host_name, "title": spec.host_title},
            "slot_fee_fen": 0,
            "commission_permille": spec.commission_permille,
            "venue": "here",
            "shelf": [{"pack_id": pack} for pack in stall.packs],
        }
    )


async def _key(made: Parts, stall: Seeded, session_id: UUID) -> str:
    ways: Broadcasting = made.engines[Broadcasting]
    async with made.database.begin() as tx:
        key = await sessions.key(tx, made.keys, stall.owner, session_id, ways)
    return key.stream_key


async def _host(made: Parts, stall: Seeded, session_id: UUID) -> None:
    """Explains product after product, and answers what is asked."""
    turn = 0
    while True:
        with contextlib.suppress(WrongState):
            await _turn(made, stall, session_id, turn)
        turn += 1
        for _ in range(PIN_EVERY_S // ANSWER_AFTER_S):
            await asyncio.sleep(ANSWER_AFTER_S)
            if not await _answer(made, stall.owner, session_id):
                return


async def _turn(made: Parts, stall: Seeded, session_id: UUID, turn: int) -> None:
    """Pins the next product that is to be had, and says its claims card."""
    async with made.database.begin() as tx:
        shelf = [one for one in await live_sql.items(tx, [session_id]) if one.state != "withdrawn"]
        item = shelf[turn % len(shelf)]
        row = await live_sql.session(tx, session_id)
        if row is None or row.state not in ON_AIR:
            return
        if row.pinned_item_id is None or turn:
            await control.pin(tx, stall.owner, session_id, item.id)
    goods = stall.stall.goods[stall.packs.index(item.pack_id)]
    voices: talk.Talk = made.engines[talk.Talk]
    line = talk.Said(
        stall.owner.person_id, stall.owner.person_no, "样例主播", "host", goods.says, clock.now()
    )
    await voices.say(session_id, line)


async def _answer(made: Parts, owner: Subject, session_id: UUID) -> bool:
    """Answers the oldest open question; False once the session is over."""
    async with made.database.begin() as tx:
        row: SessionRow | None = await live_sql.session(tx, session_id)
        if row is None or row.state not in {*ON_AIR, "suspended"}:
            return False
        for question in await talk_sql.questions(tx, session_id, 5):
            if question.answered_at is None:
                words = "演示主播按手卡回答:请看商品说明"
                await talk.answer(tx, owner, row, question.id, words)
                break
    return True


async def _links(made: Parts, stalls: list[Seeded]) -> None:
    """One-time links for whoever tries the fair: the operator and each shop's owner."""
    base = made.settings.public_url
    async with made.database.begin() as tx:
        lines = [("operator", await accounts.make_operator_link(tx, made.keys))]
        for stall in stalls:
            token = await accounts.make_person_link(tx, made.keys, stall.owner.person_id)
            lines.append((stall.stall.shop, token))
    say("fair: one-time links to sign in")
    for who, token in lines:
        say(f"fair:   {who}: {base}/link/{token}")

"""The bus port's contract, against both adapters; the memory one plays its losses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from tests.nats_server import TOKEN, NatsServer
from tiantou.core.bus import PAYLOAD_BYTES_MAX, Bus, NoAnswer
from tiantou.engines.memory_bus import MemoryBus, matches
from tiantou.engines.nats_bus import open_nats


@dataclass(frozen=True)
class Trial:
    """A bus, another view of it, and how to take it down and up again."""

    bus: Bus
    other: Bus
    down: Callable[[], Awaitable[None]]
    up: Callable[[], Awaitable[None]]


@pytest.fixture(params=["memory", "nats", "nats farewell"])
async def trial(request: pytest.FixtureRequest) -> AsyncIterator[Trial]:
    if request.param == "memory":
        memory = MemoryBus()

        async def interrupt() -> None:
            memory.interrupt()

        yield Trial(memory, memory, interrupt, memory.resume)
        await memory.close()
        return
    server = NatsServer()
    bus = await open_nats(server.url, TOKEN, "one")
    other = await open_nats(server.url, TOKEN, "two")
    loop = asyncio.get_running_loop()

    async def kill() -> None:
        end = server.kill if request.param == "nats" else server.stop
        await loop.run_in_executor(None, end)

    async def start() -> None:
        server.start()

    yield Trial(bus, other, kill, start)
    await bus.close()
    await other.close()
    server.close()


async def _echo(subject: str, payload: bytes) -> bytes:
    return subject.encode() + b":" + payload


async def test_what_is_published_arrives_in_order(trial: Trial) -> None:
    got: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    async def hear(subject: str, payload: bytes) -> None:
        await got.put((subject, payload))

    await trial.bus.subscribe("room.*.st", hear)
    for number in range(100):
        await trial.other.publish("room.a.st", b"%d" % number)
    await trial.other.publish("room.a.in", b"not for us")
    assert [await got.get() for _ in range(100)] == [("room.a.st", b"%d" % n) for n in range(100)]
    assert got.empty()


async def test_the_rest_of_a_subject(trial: Trial) -> None:
    got: asyncio.Queue[str] = asyncio.Queue()

    async def hear(subject: str, _: bytes) -> None:
        await got.put(subject)

    await trial.bus.subscribe("room.>", hear)
    for subject in ("room", "house.a", "room.a", "room.a.b.c"):
        await trial.other.publish(subject, b"")
    assert [await got.get(), await got.get()] == ["room.a", "room.a.b.c"]


async def test_a_request_has_one_answer(trial: Trial) -> None:
    await trial.bus.subscribe("rooms.snapshot", _echo, group="api")
    assert await trial.other.request("rooms.snapshot", b"x") == b"rooms.snapshot:x"


async def test_nobody_listens(trial: Trial) -> None:
    with pytest.raises(NoAnswer):
        await trial.bus.request("nobody.here", b"", timeout_s=5)


async def test_a_listener_that_says_nothing_or_fails(trial: Trial) -> None:
    async def fail(subject: str, _: bytes) -> None:
        if subject == "bad":
            raise RuntimeError("as planned")

    for subject in ("bad", "silent"):
        await trial.bus.subscribe(subject, fail)
        with pytest.raises(NoAnswer):
            await trial.other.request(subject, b"", timeout_s=0.1)
    await trial.bus.subscribe("good", _echo)
    assert await trial.other.request("good", b"") == b"good:"


async def test_a_slow_answer_holds_up_no_other(trial: Trial) -> None:
    gate = asyncio.Event()

    async def hear(_: str, payload: bytes) -> bytes:
        if payload == b"slow":
            await gate.wait()
        return payload

    await trial.bus.subscribe("work", hear)
    slow = asyncio.create_task(trial.other.request("work", b"slow", timeout_s=30))
    assert await trial.other.request("work", b"quick") == b"quick"
    gate.set()
    assert await slow == b"slow"


async def test_of_a_group_one_member_gets_each(trial: Trial) -> None:
    counts = [0, 0]

    def member(number: int) -> Callable[[str, bytes], Awaitable[bytes]]:
        async def hear(_: str, payload: bytes) -> bytes:
            counts[number] += 1
            return payload

        return hear

    await trial.bus.subscribe("job", member(0), group="g")
    await trial.other.subscribe("job", member(1), group="g")
    for _ in range(60):
        await trial.bus.request("job", b"")
    assert sum(counts) == 60
    assert all(counts)


async def test_a_closed_subscription_hears_nothing(trial: Trial) -> None:
    heard = await trial.bus.subscribe("once", _echo)
    await trial.other.request("once", b"")
    await heard.close()
    with pytest.raises(NoAnswer):
        await trial.other.request("once", b"", timeout_s=0.5)


async def test_a_message_has_a_size(trial: Trial) -> None:
    await trial.bus.subscribe("big", _echo)
    content = b"x" * (PAYLOAD_BYTES_MAX - 4)
    assert await trial.other.request("big", content) == b"big:" + content
    for act in (trial.bus.publish, trial.bus.request):
        with pytest.raises(ValueError, match="at most"):
            await act("big", b"x" * (PAYLOAD_BYTES_MAX + 1))


async def _answered(bus: Bus, subject: str) -> bytes:
    while True:
        try:
            return await bus.request(subject, b"again", timeout_s=0.5)
        except NoAnswer:
            await asyncio.sleep(0.05)


async def test_lost_and_regained(trial: Trial) -> None:
    again = asyncio.Event()

    async def told() -> None:
        again.set()

    trial.bus.on_reconnect(told)
    await trial.bus.subscribe("here", _echo)
    for _ in range(2):
        again.clear()
        await trial.down()
        with pytest.raises(NoAnswer):
            await trial.other.request("here", b"", timeout_s=1)
        await trial.other.publish("here", b"lost")
        await trial.up()
        await asyncio.wait_for(again.wait(), 20)
        answer = await asyncio.wait_for(_answered(trial.other, "here"), 20)
        assert answer == b"here:again"


async def test_subscribed_while_down(trial: Trial) -> None:
    await trial.down()
    await trial.bus.subscribe("later", _echo)
    await trial.up()
    assert await asyncio.wait_for(_answered(trial.other, "later"), 20) == b"later:again"


@pytest.mark.parametrize(
    ("pattern", "subject", "same"),
    [
        ("a", "a", True),
        ("a", "a.b", False),
        ("*", "a", True),
        ("a.*", "a", False),
        ("a.>", "a", False),
    ],
)
def test_patterns(pattern: str, subject: str, same: bool) -> None:
    assert matches(pattern, subject) is same

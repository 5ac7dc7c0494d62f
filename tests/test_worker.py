"""The worker ends when it is told to, whatever breaks in that moment."""

import asyncio

from tiantou.worker import _forever


async def test_a_cancellation_that_comes_out_as_another_error_still_ends_it() -> None:
    begun = asyncio.Event()

    async def turn() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise ConnectionError("the server has gone") from None

    work = asyncio.create_task(_forever("a turn", turn))
    await begun.wait()
    work.cancel()
    done, _ = await asyncio.wait({work}, timeout=5)
    assert done

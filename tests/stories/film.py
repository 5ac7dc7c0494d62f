"""An encoder at the farm: a short film over real RTMP, round and round."""

import asyncio
from contextlib import suppress
from pathlib import Path

from tests.media.film import make_film
from tests.stories.place import Place
from tiantou.media import push
from tiantou.media.flv import Tag
from tiantou.media.push import Pusher

SECONDS = 4


async def film(folder: Path) -> list[Tag]:
    """The film, encoded once a folder."""
    file = folder / "stories.flv"
    if not file.exists():
        await asyncio.to_thread(make_film, file, SECONDS)
    return await asyncio.to_thread(push.film_of, file)


class Encoder:
    """Pushes until it is stopped or refused; comes back after every loss, as encoders do."""

    def __init__(self, url: str, stream_key: str, tags: list[Tag]) -> None:
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(
            push.push_for_ever(url, stream_key, tags, self._stop, wait_s=0.2)
        )

    async def stop(self) -> None:
        """Puts the encoder away."""
        self._stop.set()
        with suppress(push.PublishRefused):
            await self._task


async def refusal(place: Place, stream_key: str) -> str:
    """Why a publisher is not let in; the empty string if it is."""
    try:
        pusher = await Pusher.connect(place.rtmp, stream_key)
    except push.PublishRefused as refused:
        return str(refused) or "refused"
    pusher.abort()
    return ""

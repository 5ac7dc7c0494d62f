"""A viewer in a room: follows the stream, and comes back after every loss from where he was."""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Origin

from tests.gateway.follower import Follower
from tests.stories.place import PATIENCE_S, Page, Place

AGAIN_S = 0.1
FOR_GOOD = frozenset({4003, 4010})


class Viewer:
    """What a page in a room knows. `seen` waits; `state` is what the page would show."""

    def __init__(self, place: Place, page: Page, session_id: str) -> None:
        self.page, self.session_id = page, session_id
        self._place = place
        self._follower = Follower()
        self._told = asyncio.Condition()
        self.joined, self.closed = 0, 0
        self.shown: dict[str, Any] = {}
        """By name: `pinned`, `price:<item>`, `sold_out:<item>`."""
        self._task = asyncio.create_task(self._watch())
        place.running.append(self._task)

    @property
    def events(self) -> list[Any]:
        """Every event, in order."""
        return self._follower.events

    @property
    def lines(self) -> list[Any]:
        """Every chat line; some may have come twice."""
        return self._follower.lines

    @property
    def values(self) -> dict[str, Any]:
        """The latest values: stock."""
        return self._follower.values

    @property
    def counters(self) -> list[int]:
        """Viewers, likes, orders."""
        return self._follower.counters

    async def seen(self, kind: str, **members: Any) -> dict[str, Any]:
        """Waits for an event of a kind with these members."""

        def found() -> dict[str, Any] | None:
            for event in self.events:
                if event["t"] == kind and members.items() <= event.items():
                    hit: dict[str, Any] = event
                    return hit
            return None

        return dict(await self.until(found, f"{kind} {members} in {self._kinds()}"))

    async def knows(self, name: str, value: Any) -> None:
        """Waits until the page shows it, by an event or by a room read anew."""
        await self.until(
            lambda: name in self.shown and self.shown[name] == value, f"{name}={value}"
        )

    async def until(self, check: Any, what: str, seconds: float = PATIENCE_S) -> Any:
        """Waits for what `check` finds in what came."""
        try:
            async with asyncio.timeout(seconds), self._told:
                while not (found := check()):
                    await self._told.wait()
                return found
        except TimeoutError:
            raise AssertionError(f"a viewer did not see: {what}; shows {self.shown}") from None

    async def leave(self) -> None:
        """Closes the page."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def _kinds(self) -> list[str]:
        return [event["t"] for event in self.events]

    async def _watch(self) -> None:
        while not self.closed:
            try:
                await self._follow()
            except (httpx.HTTPError, OSError, WebSocketException, KeyError, TimeoutError):
                await asyncio.sleep(AGAIN_S)

    async def _follow(self) -> None:
        answer = await self.page.post(f"/api/rooms/{self.session_id}/ticket", json={})
        ticket = answer.json()
        follower = self._follower
        query = {"t": ticket["ticket"]}
        if follower.epoch:
            query |= {"e": follower.epoch, "o": str(follower.offset)}
        self._place.secrets.add(ticket["ticket"])
        address = f"{self._place.ws}{ticket['url']}?{urlencode(query)}"
        async with connect(address, origin=Origin(self._place.url), max_size=None) as socket:
            self.joined += 1
            follower.gap = False
            try:
                while not follower.gap:
                    self._take(await socket.recv())
                    await self._tell()
            except ConnectionClosed:
                if socket.close_code in FOR_GOOD:
                    self.closed = socket.close_code
                    await self._tell()

    async def _tell(self) -> None:
        async with self._told:
            self._told.notify_all()

    def _take(self, text: str | bytes) -> None:
        known = len(self.events)
        self._follower.take(text)
        snap = json.loads(text).get("snap")
        if snap and snap["state"]:
            self._room(snap["state"])
            for event in snap["ev"]:
                self._event(event)
        for event in self.events[known:]:
            self._event(event)

    def _room(self, room: dict[str, Any]) -> None:
        self.shown["pinned"] = room["pinned"]
        for item in room["shelf"]:
            self._item(item)

    def _item(self, item: dict[str, Any]) -> None:
        offer = item["offer"]
        if offer:
            self.shown[f"price:{item['id']}"] = offer["price_fen"]
            self.shown[f"sold_out:{item['id']}"] = offer["units_left"] == 0

    def _event(self, event: dict[str, Any]) -> None:
        kind = event["t"]
        if kind == "pin":
            self.shown["pinned"] = event["item"] and event["item"]["id"]
        elif kind == "price":
            self.shown[f"price:{event['item_id']}"] = event["offer"]["price_fen"]
        elif kind in {"sold_out", "restock"}:
            self.shown[f"sold_out:{event['item_id']}"] = kind == "sold_out"
        if isinstance(event.get("item"), dict):
            self._item(event["item"])

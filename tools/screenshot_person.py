"""A person of the stage: a browser without a window."""

from typing import Any
from uuid import uuid4

import httpx


class Person(httpx.AsyncClient):
    """Somebody's browser: the page's origin and a key for each act."""

    async def act(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """An act that succeeds; None if there is nothing to say."""
        headers = {"origin": str(self.base_url).rstrip("/"), "idempotency-key": str(uuid4())}
        answer = await self.request(method, path, json=body or {}, headers=headers)
        if answer.is_error:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    async def read(self, path: str) -> Any:
        """What is there."""
        answer = await self.get(path)
        answer.raise_for_status()
        return answer.json()

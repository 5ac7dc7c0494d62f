"""The peer: one FastAPI WebSocket route that sends to everybody. Ports: viewers, control."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

viewers: set[WebSocket] = set()


async def control(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Sends each line, without its first letter, to all."""
    with suppress(ConnectionError):
        while line := await reader.readline():
            text = line[1:-1].decode()
            for one in list(viewers):
                with suppress(RuntimeError, WebSocketDisconnect):
                    await one.send_text(text)


@asynccontextmanager
async def life(_: FastAPI) -> AsyncIterator[None]:
    """Listens on the control port."""
    server = await asyncio.start_server(control, "127.0.0.1", int(sys.argv[2]))
    yield
    server.close()


app = FastAPI(lifespan=life)


@app.websocket("/")
async def watch(one: WebSocket) -> None:
    """A viewer."""
    await one.accept()
    viewers.add(one)
    with suppress(WebSocketDisconnect):
        while True:
            await one.receive_text()
    viewers.discard(one)


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", log_level="error", backlog=4096)

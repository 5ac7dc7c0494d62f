"""What a stranger gets: events, signed roots, and the one file that verifies them offline."""

import io
import json
import zipfile
from datetime import date
from importlib.resources import files
from uuid import UUID

from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.trust.epcis import chain_sql as chain

EVENTS_MAX = 100_000
PARTS = ("links", "hash_id", "ed25519", "verifying")
READ_ME = """Traces of {org} from {since} to {until}.

Verify them without a network:  python3 verify.py . {key}
The key is the instance's; compare it with what the instance says at /api/trace-key.

溯源记录。断网也能核对：python3 verify.py . {key}
公钥以平台 /api/trace-key 为准。
"""


def verifier() -> str:
    """The verifier as one file: its parts, without what joins them here."""
    made = []
    for name in PARTS:
        source = files("tiantou.trust.epcis").joinpath(f"{name}.py").read_text(encoding="utf-8")
        kept = [line for line in source.splitlines() if not line.startswith("from tiantou")]
        made.append("\n".join(kept))
    # the part that is run explains itself at the head of the file
    usage = made[-1].split('"""')[1]
    return f'#!/usr/bin/env python3\n"""{usage}"""\n\n' + "\n\n".join(made) + "\n"


async def bundle(tx: Tx, key: str, org_id: UUID, since: date, until: date) -> bytes:
    """A ZIP archive. Raises NotFound (nothing is signed there yet), InvalidFields (too much)."""
    roots = await chain.roots(tx, org_id, since, until)
    if not roots:
        raise NotFound()
    events, link = await chain.before(tx, org_id, roots[0].day)
    if roots[-1].events == events:
        raise NotFound()
    if roots[-1].events - events > EVENTS_MAX:
        raise InvalidFields.one("since", "too-many", max=EVENTS_MAX)
    said = {
        "org": str(org_id),
        "key": key,
        "before": {"events": events, "link": link.hex()},
        "roots": _roots(
            [(one.day, one.events, one.link, one.signature) for one in roots if one.events > events]
        ),
    }
    lines = await chain.lines(tx, org_id, events, roots[-1].events)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("events.jsonl", "".join(f"{line}\n" for line in lines))
        archive.writestr("roots.json", json.dumps(said, indent=1))
        archive.writestr("verify.py", verifier())
        archive.writestr(
            "README.txt", READ_ME.format(org=org_id, since=since, until=until, key=key)
        )
    return out.getvalue()


def _roots(found: list[tuple[date, int, bytes, bytes]]) -> list[dict[str, object]]:
    """The last root of each place in the chain: days on which nothing happened sign it again."""
    last = {events: (day, link, signature) for day, events, link, signature in found}
    return [
        {
            "day": day.isoformat(),
            "events": events,
            "link": link.hex(),
            "signature": signature.hex(),
        }
        for events, (day, link, signature) in sorted(last.items())
    ]

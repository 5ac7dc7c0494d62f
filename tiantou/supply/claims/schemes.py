"""Scheme certificates: entered by the organization, verified by the operator, ended by time."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from uuid import UUID

from msgspec import Struct

from tiantou.catalog import face as catalog
from tiantou.core import audit, timers
from tiantou.core.db import Tx
from tiantou.core.problems import AlreadyThere, InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.supply.claims import claims_sql as sql
from tiantou.supply.claims.claims_sql import SchemeView
from tiantou.supply.lifecycle import SCHEME
from tiantou.supply.problems import CertificateNotInForce

SCHEMES = ("organic", "origin", "gi")
# The pool of a certificate is a whole number of 32 bits.
CERTIFIED_G_MAX = 2_000_000_000
PLOTS_MAX = 2_000
TERM_DAYS_MAX = 3_660
TIMER = "supply.scheme-term"
_CHINA = timezone(timedelta(hours=8))


class SchemeIn(Struct, frozen=True, kw_only=True):
    """A certificate as entered: `certified_g` grams of a variety, from plots, within a term."""

    scheme: str
    no: str
    issuer: str
    variety_id: UUID
    certified_g: int
    valid_from: date
    valid_until: date
    plots: Sequence[UUID]
    photo: str | None = None


async def submit(tx: Tx, who: Subject, org_id: UUID, asked: SchemeIn) -> SchemeView:
    """A certificate that waits for the operator. Raises InvalidFields, AlreadyThere."""
    if await catalog.variety(tx, asked.variety_id) is None:
        raise InvalidFields.one("variety_id", "unknown")
    days = (asked.valid_until - asked.valid_from).days
    if not 0 <= days <= TERM_DAYS_MAX:
        raise InvalidFields.one("valid_until", "range", max_days=TERM_DAYS_MAX)
    if not 1 <= len(set(asked.plots)) <= PLOTS_MAX:
        raise InvalidFields.one("plots", "length", min=1, max=PLOTS_MAX)
    if await sql.own_plots(tx, org_id, asked.plots) != set(asked.plots):
        raise InvalidFields.one("plots", "unknown")
    if await sql.scheme_by_no(tx, org_id, asked.scheme, asked.no):
        raise AlreadyThere(field="no")
    certificate_id = ids.uuid7()
    await sql.add_scheme(
        tx,
        asked.plots,
        id=certificate_id,
        org_id=org_id,
        scheme=asked.scheme,
        no=asked.no,
        issuer=asked.issuer,
        variety_id=asked.variety_id,
        certified_g=asked.certified_g,
        valid_from=asked.valid_from,
        valid_until=asked.valid_until,
        photo=asked.photo,
        state=SCHEME.init,
        note="",
        made_by=who.person_id,
        made_at=clock.now(),
    )
    over = datetime.combine(asked.valid_until + timedelta(days=1), datetime.min.time(), _CHINA)
    await timers.set(tx, TIMER, str(certificate_id), over)
    return await own(tx, org_id, certificate_id)


async def own(tx: Tx, org_id: UUID | None, certificate_id: UUID, lock: bool = False) -> SchemeView:
    """A certificate of the organization (any if None). Raises NotFound."""
    found = await sql.scheme(tx, org_id, certificate_id, lock)
    if found is None:
        raise NotFound()
    return found


async def step(
    tx: Tx, who: Subject | None, certificate_id: UUID, event: str, note: str = ""
) -> SchemeView:
    """Verified, refused, revoked, or over. Raises NotFound, WrongState."""
    before = await own(tx, None, certificate_id, lock=True)
    state = SCHEME.after(before.state, event)
    await sql.set_scheme(tx, certificate_id, state=state, note=note)
    if who is not None:
        what, was = f"scheme:{certificate_id}", {"state": before.state}
        after = {"state": state, "note": note}
        await audit.write(tx, who, f"supply.scheme-{event}", what, was, after)
    if state in SCHEME.terminal:
        await timers.cancel(tx, TIMER, str(certificate_id))
    return await own(tx, None, certificate_id)


def in_force(paper: SchemeView) -> None:
    """Raises CertificateNotInForce unless it is verified and today is within its term."""
    today = clock.now().astimezone(_CHINA).date()
    if paper.state != "verified" or not paper.valid_from <= today <= paper.valid_until:
        raise CertificateNotInForce(
            state=paper.state,
            valid_from=paper.valid_from.isoformat(),
            valid_until=paper.valid_until.isoformat(),
        )

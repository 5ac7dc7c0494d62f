"""Claims on sale: supply says what is covered, trade sells no more than is certified, together."""

from typing import Any
from uuid import UUID

from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.subject import Subject
from tiantou.kit.machine import WrongState
from tiantou.supply import face as supply
from tiantou.supply.face import ClaimView, SchemeView
from tiantou.trade import face as trade


async def bear(
    tx: Tx, who: Subject, org_id: UUID, pack_id: UUID, certificate_id: UUID | None
) -> ClaimView:
    """The pack is sold under a certificate, or (None) as of a listed county.

    Raises what supply and trade raise (RootNotCovered, CertificateNotInForce, FlashRunning, ...).
    """
    made = await supply.bear(tx, who, org_id, pack_id, certificate_id)
    document = await _document(tx, org_id, pack_id)
    if certificate_id is None:
        await trade.claim(tx, org_id, pack_id, document)
    else:
        paper = await supply.scheme(tx, org_id, certificate_id)
        await trade.certify(tx, org_id, pack_id, certificate_id, paper.certified_g, document)
    after = {"claim": made.claim, "certificate": made.certificate_no}
    await audit.write(tx, who, "trust.claim", f"pack:{pack_id}", None, after)
    return made


async def give_up(tx: Tx, who: Subject | None, org_id: UUID, pack_id: UUID, claim: str) -> None:
    """The pack bears the claim no more. Raises NotFound, FlashRunning."""
    gone = await supply.give_up(tx, org_id, pack_id, claim)
    document = await _document(tx, org_id, pack_id)
    if gone.certificate_id is None:
        await trade.claim(tx, org_id, pack_id, document)
    else:
        await trade.uncertify(tx, org_id, pack_id, gone.certificate_id, document)
    before = {"claim": gone.claim, "certificate": gone.certificate_no}
    await audit.write(tx, who, "trust.claim-ended", f"pack:{pack_id}", before, None)


async def revoke(tx: Tx, who: Subject, certificate_id: UUID, note: str) -> SchemeView:
    """The operator takes a certificate away; no pack bears it any more, flash prices end.

    Raises NotFound, WrongState.
    """
    done = await supply.scheme_step(tx, who, certificate_id, "revoke", note)
    await _end_all(tx, who, done)
    return done


async def on_term_over(tx: Tx, key: str, _: dict[str, Any]) -> None:
    """The term of a certificate is over: no pack bears it any more. Nothing if it ended before."""
    try:
        done = await supply.scheme_step(tx, None, UUID(key), "term_over")
    except WrongState:
        return
    await _end_all(tx, None, done)


async def _end_all(tx: Tx, who: Subject | None, paper: SchemeView) -> None:
    """Flash prices of the packs end first: law comes before a running deal."""
    for pack_id in await supply.packs_of(tx, paper.id):
        for offer in await trade.offers_of_packs(tx, paper.org_id, [pack_id]):
            if offer.kind == "flash":
                await trade.close_offer(tx, paper.org_id, offer.id)
        await give_up(tx, who, paper.org_id, pack_id, paper.scheme)


async def _document(tx: Tx, org_id: UUID, pack_id: UUID) -> list[dict[str, Any]]:
    """What offers of the pack say of its claims."""
    return [
        {
            "claim": one.claim,
            "certificate_no": one.certificate_no,
            "issuer": one.issuer,
            "valid_until": one.valid_until.isoformat() if one.valid_until else None,
        }
        for one in await supply.claims_of(tx, org_id, [pack_id])
    ]

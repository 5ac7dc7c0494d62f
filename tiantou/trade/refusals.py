"""What a buyer is told when the admission says no: one problem a verdict."""

from collections.abc import Callable
from uuid import UUID

from tiantou.core.problems import KeyReused, Problem
from tiantou.trade.admission import OfferNow, Said, Verdict, WhyNot
from tiantou.trade.admission_sql import UNPAID_MAX
from tiantou.trade.problems import (
    BelowFloor,
    BuyerLimit,
    CouponRefused,
    NoRoom,
    NoSuchOffer,
    OfferClosed,
    PriceChanged,
    SentLater,
    SoldOut,
    TermsChanged,
    UnpaidLimit,
)

REASONS = {
    WhyNot.NOT_YOURS: "not-yours",
    WhyNot.USED_OR_OVER: "used-or-over",
    WhyNot.OTHER_SHOP: "other-shop",
    WhyNot.BELOW_THRESHOLD: "below-threshold",
}

_BY_VERDICT: dict[Verdict, Callable[[UUID, Said, OfferNow], Problem]] = {
    Verdict.SOLD_OUT: lambda offer, said, _: SoldOut(offer_id=str(offer), units_left=said.number),
    Verdict.BUYER_LIMIT: lambda _, said, now: BuyerLimit(limit=now.per_buyer, bought=said.number),
    Verdict.OFFER_CLOSED: lambda offer, *_: OfferClosed(offer_id=str(offer)),
    Verdict.PRICE_CHANGED: lambda _, __, now: PriceChanged(price_fen=now.price_fen),
    Verdict.NO_SUCH_OFFER: lambda *_: NoSuchOffer(),
    Verdict.TERMS_CHANGED: lambda _, __, now: TermsChanged(snapshot=now.snapshot.hex()),
    Verdict.BELOW_FLOOR: lambda _, __, now: BelowFloor(floor_fen=now.floor_fen),
    Verdict.KEY_REUSED: lambda *_: KeyReused(),
    Verdict.UNPAID_LIMIT: lambda _, said, __: UnpaidLimit(limit=UNPAID_MAX, unpaid=said.number),
    Verdict.NO_ROOM: lambda *_: NoRoom(),
    Verdict.SENT_LATER: lambda _, said, __: SentLater(ship_day=str(said.day)),
    Verdict.COUPON_REFUSED: lambda _, said, __: CouponRefused(reason=REASONS[WhyNot(said.number)]),
}


def refusal(offer_id: UUID, said: Said) -> Problem:
    """The problem of a verdict that is no admission; `offer_id` is that of the line in question."""
    return _BY_VERDICT[said.verdict](offer_id, said, said.offer or OfferNow(0, b"", None, 0))

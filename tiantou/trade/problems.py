"""What trade refuses, by name. Each has its page in docs/reference/problems/."""

from tiantou.core.problems import Problem


class SoldOut(Problem):
    """The offer has fewer units than asked. Members: `offer_id`, `units_left`."""

    status, title = 409, "Sold out"


class CertifiedUsedUp(Problem):
    """The certificate that the offer bears covers fewer kilograms than asked.

    Members: `offer_id`, `units_left`, `left_g`.
    """

    status, title = 409, "The certified quantity is used up"


class FlashRunning(Problem):
    """A flash price of the pack has not ended. Members: `offer_id`."""

    status, title = 409, "A flash price is running"


class BuyerLimit(Problem):
    """The offer's limit per buyer would be passed. Members: `limit`, `bought`."""

    status, title = 409, "The limit per buyer is reached"


class UnpaidLimit(Problem):
    """The buyer has as many unpaid orders in this shop as he may. Members: `limit`, `unpaid`."""

    status, title = 409, "Too many unpaid orders in this shop"


class NoRoom(Problem):
    """The shop has no day left, of those it has planned, on which the whole order can be packed."""

    status, title = 409, "No day has room for this order"


class SentLater(Problem):
    """The order would be sent later than the buyer saw. Members: `ship_day`."""

    status, title = 409, "It would be sent on a later day"


class CouponRefused(Problem):
    """A coupon cannot be used for this order. Members: `reason`: `not-yours`, `used-or-over`,
    `other-shop`, `below-threshold`.
    """

    status, title = 409, "The coupon cannot be used"


class ImportDiffers(Problem):
    """The other channel's order was taken before, with other contents. Members: `external_no`."""

    status, title = 409, "This order was imported before, with other contents"


class PaidElsewhere(Problem):
    """The money of the order is with another channel, and goes back there. Members: `channel`."""

    status, title = 409, "This order was paid on another channel"


class BoxesInStock(Problem):
    """The pack has packed boxes to sell, which are sent at once. Members: `units_left`."""

    status, title = 409, "There are packed boxes to sell first"


class CouponUsedUp(Problem):
    """Every piece of the coupon has been claimed."""

    status, title = 409, "All pieces of this coupon are gone"


class CouponLimit(Problem):
    """The buyer has as many pieces of the coupon as one buyer may."""

    status, title = 409, "You have this coupon already"


class CouponNotOpen(Problem):
    """The coupon cannot be claimed now: not yet, no more, or it was closed."""

    status, title = 409, "This coupon cannot be claimed now"


class TooManyCoupons(Problem):
    """The issuer has as many open coupons as there may be. Members: `limit`."""

    status, title = 409, "Too many open coupons"


class StillLeft(Problem):
    """Nobody waits for what can be bought. Members: `units_left`."""

    status, title = 409, "There are units left"


class WaitingFull(Problem):
    """The line is full, or the buyer stands in as many as he may. Members: `limit`."""

    status, title = 409, "The waiting list is full"


class OfferClosed(Problem):
    """The offer is paused, closed, or outside its window. Members: `offer_id`."""

    status, title = 409, "This offer is not open"


class PriceChanged(Problem):
    """Another price is in force. Members: `price_fen`."""

    status, title = 409, "The price has changed"


class TermsChanged(Problem):
    """The buyer saw another version of the offer. Members: `snapshot`, the hash in force."""

    status, title = 409, "The offer's text or terms have changed"


class BelowFloor(Problem):
    """The price is under what the growers agreed to. Members: `floor_fen`."""

    status, title = 409, "The price is below the growers' floor price"


class SellerNotAdmitted(Problem):
    """The seller's identity is not verified, or the seller is suspended. Members: `state`."""

    status, title = 409, "This seller may not sell now"


class NoSuchOffer(Problem):
    """There is no such offer in the shop."""

    status, title = 404, "No such offer"


class AddressNeeded(Problem):
    """The order names neither one of the buyer's addresses nor a recipient."""

    status, title = 422, "An address is needed"


class OutcomeUnknown(Problem):
    """The connection broke while the order was decided: ask again with the same key.

    Members: `retry_after_s`.
    """

    status, title = 503, "The outcome is not known: try again with the same key"


class NotEnoughStock(Problem):
    """Fewer units are free than should be moved. Members: `units_left`."""

    status, title = 409, "Not enough units are free"


class AmountTooHigh(Problem):
    """More than what is left to refund. Members: `left_fen`."""

    status, title = 409, "More than is left of the payment"


class MoreThanOwed(Problem):
    """A payout above what the household is owed. Members: `owed_fen`."""

    status, title = 409, "More than the household is owed"


class CallbackRefused(Problem):
    """A payment callback that is forged, too old, seen before, or names another payment's number.

    Members: `reason`.
    """

    status, title = 403, "This callback is not accepted"


class WayNotOpen(Problem):
    """Nobody can pay in that way from there. Members: `providers`, which can be paid from there."""

    status, title = 409, "This way of paying is not open here"


class ProviderRefuses(Problem):
    """The payment provider will not begin this payment. Members: `provider`."""

    status, title = 409, "The payment provider does not take this payment"


class AlreadyRefunded(Problem):
    """The provider has sent the money back itself: paying by hand would pay twice."""

    status, title = 409, "The provider has sent this money back itself"


class AmountDiffers(Problem):
    """A callback names another amount than the payment. Members: none that help a forger."""

    status, title = 409, "The amount differs from the payment"


class WrongPicks(Problem):
    """The lots picked do not make up the order. Members: `boxes_needed`."""

    status, title = 409, "The picked boxes do not make up the order"

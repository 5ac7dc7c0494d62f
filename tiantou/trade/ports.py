"""What trade asks of payment providers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct

Where = Literal["wechat", "phone", "desk"]
"""Where the buyer's page is: inside WeChat, in a phone's browser, on a desk."""


class PaymentAsked(Struct, frozen=True, kw_only=True):
    """A payment to be made in one of the gateway's ways.

    `return_to` is the path of ours that the buyer's browser goes to. `payer` is who pays in the
    provider's own words, where a way needs to know (`PaymentGateway.identify`), else empty.
    """

    payment_id: UUID
    amount_fen: int
    title: str
    return_to: str
    ends_at: datetime
    way: str = "page"
    payer: str = ""
    payer_ip: str = ""


class PaymentBegun(Struct, frozen=True, kw_only=True):
    """What the buyer's page does next, one of three.

    `url`: the browser goes there. `code`: a text that is shown as a QR code. `bridge`: what the
    page hands to the app that it runs in.
    """

    url: str = ""
    code: str = ""
    bridge: dict[str, str] = {}


class PaymentNotice(Struct, frozen=True, kw_only=True):
    """What a provider says of a payment, its signature verified.

    `nonce` marks the message: the same one is accepted once. `at` is when the provider took the
    money, if it says so: by that day the payment stands in its bill.
    """

    payment_id: UUID
    state: Literal["paid", "refused"]
    amount_fen: int
    provider_no: str
    nonce: str
    at: datetime | None = None


class RefundNotice(Struct, frozen=True, kw_only=True):
    """What a provider says of a refund that it had not decided at once."""

    shop_id: UUID
    refund_id: UUID
    done: bool
    provider_no: str
    reason: str
    nonce: str


class IdleNotice(Struct, frozen=True, kw_only=True):
    """A provider's signed word that decides nothing: it is taken, and nothing is done."""

    what: str
    nonce: str


Notice = PaymentNotice | RefundNotice | IdleNotice


class RefundAsked(Struct, frozen=True, kw_only=True):
    """Money that is to go back. The same `refund_id` again is the same refund."""

    shop_id: UUID
    refund_id: UUID
    payment_id: UUID
    provider_no: str
    amount_fen: int
    payment_fen: int
    reason: str

    @property
    def number(self) -> str:
        """Its number at the provider: the shop's and its own id, 64 hexadecimal digits."""
        return self.shop_id.hex + self.refund_id.hex


class RefundAnswer(Struct, frozen=True, kw_only=True):
    """Done, to be told later by a notice, or refused for `reason`."""

    state: Literal["done", "pending", "refused"]
    provider_no: str = ""
    reason: str = ""


class BillLine(Struct, frozen=True, kw_only=True):
    """A line of a provider's bill of a day. `ref` is our number of it, as the provider has it."""

    kind: Literal["payment", "refund"]
    ref: str
    provider_no: str
    amount_fen: int


class BadNotice(Exception):
    """A callback that is not the provider's, or too old. Carries `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class GatewayDown(Exception):
    """The provider did not answer, or not sensibly: nothing is known; asked again later."""


class GatewayRefused(Exception):
    """The provider understood and will not do it: asking the same again changes nothing."""


class NoBill(Exception):
    """The provider has no bill of that day: nothing was paid, or it is not made yet."""


class PaymentGateway(Protocol):
    """A payment provider. `name` is a word, and the path of its callback.

    `thanks` is the body that a callback is answered with when its word was taken. `repeats`: the
    provider sends the very same message again until it is thanked for it.
    """

    name: str
    thanks: bytes
    repeats: bool

    def ways(self, where: Where) -> tuple[str, ...]:
        """How a buyer can pay from there, the best first; empty if not at all."""
        ...

    async def create(self, asked: PaymentAsked) -> PaymentBegun:
        """Begins a payment; the same `payment_id` again is the same payment.

        Raises GatewayDown, GatewayRefused.
        """
        ...

    async def identify(self, code: str) -> str:
        """Who pays, of the word with which the provider's page sent the browser back.

        Raises BadNotice, GatewayDown.
        """
        ...

    async def verify(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """What a callback says. Raises BadNotice before anything of it is used, GatewayDown."""
        ...

    async def query(self, payment_id: UUID) -> PaymentNotice | None:
        """What became of a payment whose callback did not come; None if undecided.

        Raises GatewayDown.
        """
        ...

    async def close(self, payment_id: UUID) -> bool:
        """Nobody can make this payment any more; False if the provider has taken the money.

        Raises GatewayDown.
        """
        ...

    async def refund(self, asked: RefundAsked) -> RefundAnswer:
        """Sends money back, once per `refund_id`. Raises GatewayDown."""
        ...

    async def refund_query(self, asked: RefundAsked) -> RefundAnswer | None:
        """What became of a refund; None if the provider does not know it. Raises GatewayDown."""
        ...

    async def bill(self, day: date) -> list[BillLine]:
        """All that the provider booked on a day of Asia/Shanghai. Raises NoBill, GatewayDown."""
        ...


@dataclass(frozen=True)
class Gateways:
    """The providers of this instance, in the order in which buyers see them."""

    all: tuple[PaymentGateway, ...]

    def named(self, name: str) -> PaymentGateway | None:
        """The provider of a name; None if it is not one of this instance's any more."""
        return next((one for one in self.all if one.name == name), None)

    def choices(self, where: Where) -> list[tuple[PaymentGateway, str]]:
        """Each provider that can be paid from there, with its best way."""
        return [(one, ways[0]) for one in self.all if (ways := one.ways(where))]

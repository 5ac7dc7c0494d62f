"""What trade asks of payment providers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct


class PaymentAsked(Struct, frozen=True, kw_only=True):
    """A payment to be made. `return_to` is the path of ours that the buyer's browser goes to."""

    payment_id: UUID
    amount_fen: int
    title: str
    return_to: str
    ends_at: datetime


class PaymentNotice(Struct, frozen=True, kw_only=True):
    """What a provider says of a payment, its signature verified.

    `nonce` marks the message: the same one is accepted once.
    """

    payment_id: UUID
    state: Literal["paid", "refused"]
    amount_fen: int
    provider_no: str
    nonce: str


class RefundNotice(Struct, frozen=True, kw_only=True):
    """What a provider says of a refund that it had not decided at once."""

    shop_id: UUID
    refund_id: UUID
    done: bool
    provider_no: str
    reason: str
    nonce: str


class RefundAsked(Struct, frozen=True, kw_only=True):
    """Money that is to go back. The same `refund_id` again is the same refund."""

    shop_id: UUID
    refund_id: UUID
    payment_id: UUID
    provider_no: str
    amount_fen: int
    payment_fen: int
    reason: str


class RefundAnswer(Struct, frozen=True, kw_only=True):
    """Done, to be told later by a notice, or refused for `reason`."""

    state: Literal["done", "pending", "refused"]
    provider_no: str = ""
    reason: str = ""


class BadNotice(Exception):
    """A callback that is not the provider's, or too old. Carries `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class GatewayDown(Exception):
    """The provider did not answer, or not sensibly: nothing is known; asked again later."""


class PaymentGateway(Protocol):
    """A payment provider. `name` is a word, and the path of its callback."""

    name: str

    async def create(self, asked: PaymentAsked) -> str:
        """The address to which the buyer's browser is sent. Raises GatewayDown."""
        ...

    async def verify(self, headers: Mapping[str, str], body: bytes) -> PaymentNotice | RefundNotice:
        """What a callback says. Raises BadNotice before anything of it is used."""
        ...

    async def refund(self, asked: RefundAsked) -> RefundAnswer:
        """Sends money back, once per `refund_id`. Raises GatewayDown."""
        ...

    async def query(self, payment_id: UUID) -> PaymentNotice | None:
        """What became of a payment whose callback did not come; None if undecided.

        Raises GatewayDown.
        """
        ...

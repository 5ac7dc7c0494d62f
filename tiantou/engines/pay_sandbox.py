"""The sandbox payment provider: real signatures, real files, no real money. Demo mode only.

It keeps what it knows in one file a payment, as a provider keeps its own books, so that any process
of this machine may serve its page; what it says to us goes over HTTP, signed.
"""

import asyncio
import fcntl
import hashlib
import hmac
import http.client
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from tiantou.core.keys import BadToken, Keys
from tiantou.kit import clock
from tiantou.trade.ports import (
    BadNotice,
    BillLine,
    GatewayDown,
    NoBill,
    Notice,
    PaymentAsked,
    PaymentBegun,
    PaymentNotice,
    RefundAnswer,
    RefundAsked,
    Where,
)

NAME = "sandbox"
PATH = "/sandbox/pay/"
HEADER = "sandbox-signature"
PURPOSE, PAGE_PURPOSE = "pay.sandbox", "pay.sandbox.page"
NOTICE_AGE_S_MAX = 300
PAGE_TTL_S = 24 * 3600
SEND_TRIES, SEND_TIMEOUT_S = 3, 10
CHINA = timezone(timedelta(hours=8))
CHOICES = ("paid", "refused", "timed_out")
REFUNDS = ("done", "fail_once", "fail")

T = TypeVar("T")


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a callback."""

    payment_id: UUID
    state: str
    amount_fen: int
    provider_no: str


class Book(msgspec.Struct, kw_only=True):
    """What the sandbox knows of a payment. `refunds`: id -> [fen, tries, done], `back_at`: when."""

    payment_id: UUID
    amount_fen: int
    title: str
    return_to: str
    ends_at: datetime
    choice: str | None = None
    provider_no: str = ""
    refunds_will: str = "done"
    refunds: dict[str, list[int]] = {}
    chosen_at: datetime | None = None
    back_at: dict[str, datetime] = {}


class PaySandbox:
    """An adapter of `trade.ports.PaymentGateway`.

    `home` is its own folder; `callback_url` is ours, registered here and never taken from requests.
    """

    name = NAME
    thanks = b""
    repeats = False

    def __init__(self, keys: Keys, home: Path, callback_url: str) -> None:
        self._keys, self._home, self._callback = keys, home, callback_url

    def ways(self, where: Where) -> tuple[str, ...]:
        """Its page, from everywhere."""
        return ("page",)

    async def create(self, asked: PaymentAsked) -> PaymentBegun:
        """The address of the sandbox's page, on our own origin."""
        book = Book(
            payment_id=asked.payment_id,
            amount_fen=asked.amount_fen,
            title=asked.title,
            return_to=asked.return_to,
            ends_at=asked.ends_at,
        )
        await asyncio.to_thread(self._create, book)
        token = self._keys.sign(PAGE_PURPOSE, asked.payment_id.bytes, PAGE_TTL_S)
        return PaymentBegun(url=f"{PATH}{asked.payment_id}?s={token}")

    async def identify(self, code: str) -> str:
        """Nobody needs to be known here. Raises BadNotice."""
        raise BadNotice("not-asked-for")

    async def verify(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Checks age and signature before the body is read. Raises BadNotice."""
        parts = dict(part.partition("=")[::2] for part in headers.get(HEADER, "").split(","))
        stamp, nonce, mark = parts.get("t", ""), parts.get("n", ""), parts.get("v", "")
        if not (stamp.isdigit() and len(stamp) < 12 and 16 <= len(nonce) <= 64 and mark):
            raise BadNotice("malformed")
        signed = self._marks(stamp, nonce, body)
        if not any(hmac.compare_digest(mark.encode(), one.encode()) for one in signed):
            raise BadNotice("forged")
        if abs(clock.now().timestamp() - int(stamp)) > NOTICE_AGE_S_MAX:
            raise BadNotice("stale")
        try:
            said = msgspec.json.decode(body, type=Said)
        except msgspec.DecodeError as error:
            raise BadNotice("malformed") from error
        return PaymentNotice(
            payment_id=said.payment_id,
            state="paid" if said.state == "paid" else "refused",
            amount_fen=said.amount_fen,
            provider_no=said.provider_no,
            nonce=nonce,
        )

    def sign(self, body: bytes, at: datetime | None = None) -> str:
        """The signature header of a callback, made now unless `at` is given, with a fresh nonce."""
        stamp, nonce = str(int((at or clock.now()).timestamp())), secrets.token_hex(16)
        return f"t={stamp},n={nonce},v={self._marks(stamp, nonce, body)[0]}"

    def _marks(self, stamp: str, nonce: str, body: bytes) -> list[str]:
        said = f"{stamp}.{nonce}.".encode() + body
        generations = range(len(self._keys.roots))
        return [
            hmac.new(self._keys.derive(PURPOSE, one), said, hashlib.sha256).hexdigest()
            for one in generations
        ]

    async def refund(self, asked: RefundAsked) -> RefundAnswer:
        """Done, or refused as the payer chose on the page; the same refund again is the same."""
        return await asyncio.to_thread(self._change, asked.payment_id, lambda b: _refund(b, asked))

    async def query(self, payment_id: UUID) -> PaymentNotice | None:
        """What the payer chose, if it was something that a provider would say."""
        book = await self.look(payment_id)
        if book is None or book.choice not in {"paid", "refused"}:
            return None
        return PaymentNotice(
            payment_id=payment_id,
            state="paid" if book.choice == "paid" else "refused",
            amount_fen=book.amount_fen,
            provider_no=book.provider_no,
            nonce=f"query-{secrets.token_hex(8)}",
            at=book.chosen_at,
        )

    async def close(self, payment_id: UUID) -> bool:
        """The page takes no choice any more, unless the payer has paid."""
        book = await self.look(payment_id)
        return book is None or await asyncio.to_thread(self._change, payment_id, _close)

    async def refund_query(self, asked: RefundAsked) -> RefundAnswer | None:
        """What became of a refund; None if none was carried out."""
        book = await self.look(asked.payment_id)
        fen_tries_done = book.refunds.get(asked.number) if book else None
        if fen_tries_done is None or not fen_tries_done[2]:
            return None
        return RefundAnswer(state="done", provider_no=_refund_no(asked.refund_id))

    async def bill(self, day: date) -> list[BillLine]:
        """All that was chosen and sent back on a day. Raises NoBill on an empty one."""
        lines = await asyncio.to_thread(self._bill, day)
        if not lines:
            raise NoBill
        return lines

    async def look(self, payment_id: UUID) -> Book | None:
        """The payment's page in the sandbox's books."""
        return await asyncio.to_thread(self._read, payment_id)

    def admits(self, payment_id: UUID, token: str) -> bool:
        """Whether somebody may see a payment's page."""
        try:
            return self._keys.verify(PAGE_PURPOSE, token) == payment_id.bytes
        except BadToken:
            return False

    async def choose(self, payment_id: UUID, choice: str, refunds_will: str) -> Book:
        """The payer's choice, once; then our callback is called, if a provider would call.

        Raises GatewayDown for a payment that the sandbox does not know.
        """
        book, fresh = await asyncio.to_thread(
            self._change, payment_id, lambda b: _choose(b, choice, refunds_will)
        )
        if fresh and book.choice in {"paid", "refused"}:
            await self.call_back(book)
        return book

    async def call_back(self, book: Book) -> int:
        """Posts what was chosen to our callback; the status of the answer, 0 if there was none."""
        said = Said(book.payment_id, str(book.choice), book.amount_fen, book.provider_no)
        body = msgspec.json.encode(said)
        status = 0
        for attempt in range(SEND_TRIES):
            status = await asyncio.to_thread(self._post, body)
            if 0 < status < 500:
                break
            await asyncio.sleep(0.2 * 2**attempt)
        return status

    def _post(self, body: bytes) -> int:
        url = urlsplit(self._callback)
        headers = {"Content-Type": "application/json", HEADER: self.sign(body)}
        make = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = make(url.hostname or "", url.port, timeout=SEND_TIMEOUT_S)
        try:
            connection.request("POST", url.path, body, headers)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def _file(self, payment_id: UUID) -> Path:
        return self._home / f"{payment_id}.json"

    def _create(self, book: Book) -> None:
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._write(book)

    def _write(self, book: Book) -> None:
        file = self._file(book.payment_id)
        fresh = file.with_suffix(f".{secrets.token_hex(4)}.tmp")
        with fresh.open("wb") as out:
            out.write(msgspec.json.encode(book))
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)

    def _read(self, payment_id: UUID) -> Book | None:
        try:
            return msgspec.json.decode(self._file(payment_id).read_bytes(), type=Book)
        except (OSError, msgspec.DecodeError):
            return None

    def _bill(self, day: date) -> list[BillLine]:
        books = (self._read(UUID(file.stem)) for file in sorted(self._home.glob("*-*.json")))
        return [line for book in books if book for line in _lines(book, day)]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _change(self, payment_id: UUID, act: Callable[[Book], T]) -> T:
        with self._locked():
            book = self._read(payment_id)
            if book is None:
                raise GatewayDown("the sandbox knows no such payment")
            said = act(book)
            self._write(book)
            return said


def _choose(book: Book, choice: str, refunds_will: str) -> tuple[Book, bool]:
    if book.choice in {"paid", "refused"} or choice not in CHOICES:
        return book, False
    book.choice = choice
    book.refunds_will = refunds_will if refunds_will in REFUNDS else "done"
    book.provider_no = f"SBX{secrets.token_hex(8).upper()}"
    book.chosen_at = clock.now()
    return book, True


def _close(book: Book) -> bool:
    if book.choice == "paid":
        return False
    book.choice = "refused"
    return True


def _refund_no(refund_id: UUID) -> str:
    return f"SBXR{refund_id.hex[-12:].upper()}"


def _lines(book: Book, day: date) -> Iterator[BillLine]:
    def on_day(at: datetime | None) -> bool:
        return at is not None and at.astimezone(CHINA).date() == day

    if book.choice == "paid" and on_day(book.chosen_at):
        yield BillLine(
            kind="payment",
            ref=book.payment_id.hex,
            provider_no=book.provider_no,
            amount_fen=book.amount_fen,
        )
    for name, (fen, _, done) in book.refunds.items():
        if done and on_day(book.back_at.get(name)):
            number = _refund_no(UUID(name[32:]))
            yield BillLine(kind="refund", ref=name, provider_no=number, amount_fen=fen)


def _refund(book: Book, asked: RefundAsked) -> RefundAnswer:
    fen, tries, done = book.refunds.get(asked.number, [asked.amount_fen, 0, 0])
    number = _refund_no(asked.refund_id)
    if done:
        return RefundAnswer(state="done", provider_no=number)
    back = sum(one[0] for one in book.refunds.values() if one[2])
    refuses = book.refunds_will == "fail" or (book.refunds_will == "fail_once" and tries == 0)
    wrong = book.choice != "paid" or back + fen > book.amount_fen
    done = int(not refuses and not wrong)
    book.refunds[asked.number] = [fen, tries + 1, done]
    if done:
        book.back_at[asked.number] = clock.now()
        return RefundAnswer(state="done", provider_no=number)
    return RefundAnswer(state="refused", reason="over" if wrong else "as-chosen")

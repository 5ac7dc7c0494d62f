"""What rooms and sessions look like on the wire; the same shapes travel in realtime events."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from tiantou.accounts.face import Seller
from tiantou.core.fields import CLEAN
from tiantou.live.camera_wire import LotOnCamera
from tiantou.regions.face import Division
from tiantou.trade.face import Offer

HostKind = Literal["own", "professional", "public_service"]
Venue = Literal["here", "both", "elsewhere"]


def line(least: int, most: int) -> Any:
    """A string of so many characters, blanks at its ends taken off."""
    return StringConstraints(strip_whitespace=True, min_length=least, max_length=most)


class ShelfProduct(BaseModel):
    """What is in the box. `net_g` grams, `fen_per_jin` of the price in force."""

    id: UUID
    title: str
    grade: str
    photo: str | None
    unit: str
    net_g: int
    pieces: int | None
    harvested_at: datetime | None
    fen_per_jin: int


class Item(BaseModel):
    """A product on a shelf with its offers and its seller."""

    id: UUID
    pack_id: UUID
    position: int
    state: Literal["queued", "explaining", "explained", "sold_out", "withdrawn"]
    product: ShelfProduct
    seller: Seller
    offer: Offer | None
    flash: Offer | None
    lot_codes: list[str]


class HostIn(BaseModel):
    """Who hosts. `title` is an office, such as 副县长; `phone` lets the host go live."""

    kind: HostKind
    name: Annotated[str, line(1, 30), CLEAN]
    title: Annotated[str, line(0, 40), CLEAN] = ""
    phone: Annotated[str, line(0, 20), CLEAN] | None = None


class Host(BaseModel):
    """Who hosts, as shown."""

    kind: HostKind
    name: str
    title: str


class ShelfIn(BaseModel):
    """A product to show."""

    pack_id: UUID


class SessionIn(BaseModel):
    """A session as its shop plans it."""

    title: Annotated[str, line(2, 40), CLEAN]
    cover: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    starts_at: datetime
    planned_minutes: int = Field(ge=10, le=480)
    host: HostIn
    slot_fee_fen: int = Field(0, ge=0, le=100_000_000)
    commission_permille: int = Field(0, ge=0, le=500)
    venue: Venue = "here"
    shelf: list[ShelfIn] = Field(default_factory=list, max_length=60)


class Review(BaseModel):
    """What the operator decided last."""

    state: Literal["waiting", "approved", "returned"]
    reasons: str | None
    at: datetime | None


class GateCheck(BaseModel):
    """One check before going live; `why` is a word for the client, empty if all is well."""

    check: str
    ok: bool
    why: str = ""


class OnAirSince(BaseModel):
    """When the session went live and when its signal was last heard of."""

    started_at: datetime
    last_signal_at: datetime | None


class Chapter(BaseModel):
    """A product's part of the replay, in seconds of the recording, and who sells it."""

    item_id: UUID
    title: str
    start_s: int
    end_s: int
    price_fen: int
    seller: Seller


class Granted(BaseModel):
    """Another seller's goods on the shelf: what it agreed to, in thousandths of what is paid."""

    item_id: UUID
    commission_permille: int


class ReplayFacts(BaseModel):
    """The recording: whether it plays, how long it is, how long the law keeps it."""

    ready: bool
    duration_ms: int
    keep_until: datetime | None
    root_hash: str | None
    chapters: list[Chapter]


class Session(BaseModel):
    """A session as its shop sees it; `may` are the machine's next acts of people."""

    id: UUID
    org_id: UUID
    org_name: str
    state: str
    title: str
    cover: str | None
    starts_at: datetime
    planned_minutes: int
    host: Host
    slot_fee_fen: int
    commission_permille: int
    venue: Venue
    demo: bool
    shelf: list[Item]
    granted: list[Granted]
    review: Review | None
    gate: list[GateCheck]
    reservations: int
    live: OnAirSince | None
    ended_at: datetime | None
    replay: ReplayFacts | None
    may: list[str]


class PublishKey(BaseModel):
    """Shown once; asking again makes the older one useless."""

    rtmp_url: str
    stream_key: str
    publish_url: str
    publish_token: str
    expires_at: datetime


class Play(BaseModel):
    """Sources in the order in which a player tries them."""

    llhls_url: str
    hls_url: str
    flv_url: str
    audio_url: str
    cover_url: str
    expires_at: datetime


class Replay(BaseModel):
    """The recording as a room plays it."""

    hls_url: str
    audio_url: str
    chapters_url: str
    cover_url: str
    expires_at: datetime
    chapters: list[Chapter]
    duration_ms: int


class RoomShop(BaseModel):
    """The shop behind a room."""

    id: UUID
    name: str
    division: Division


class PinnedShort(BaseModel):
    """What is being explained, on a room's card."""

    title: str
    price_fen: int
    unit: str
    photo: str | None


class RoomCard(BaseModel):
    """A room in a list."""

    session_id: UUID
    state: str
    title: str
    cover: str | None
    starts_at: datetime
    started_at: datetime | None
    shop: RoomShop
    host: Host
    viewers: int
    pinned: PinnedShort | None
    reserved: bool
    demo: bool


class ProductCard(BaseModel):
    """A product in a list."""

    id: UUID
    title: str
    grade: str
    photo: str | None
    price_fen: int
    unit: str
    fen_per_jin: int
    shop_name: str
    division_name: str


class Counts(BaseModel):
    """True counts: viewers now, likes, visits (3 s at least), paid orders."""

    viewers: int
    likes: int
    visits: int
    orders: int


class ChatLine(BaseModel):
    """Something said; `badge` is "", host, assistant, seller or operator."""

    no: int
    at: datetime
    nickname: str
    person_no: int
    text: str
    badge: str


class Question(BaseModel):
    """A question to the host; `answered_s` is the second of the session's clock."""

    id: UUID
    text: str
    nickname: str
    person_no: int
    votes: int
    at: datetime
    answered_at: datetime | None
    answer: str | None
    answered_s: int | None


class Share(BaseModel):
    """What a shared link shows."""

    title: str
    text: str
    picture: str | None


class Room(BaseModel):
    """A room as everybody sees it; what concerns one person alone is in `RoomMine`."""

    session_id: UUID
    state: str
    title: str
    cover: str | None
    starts_at: datetime
    planned_minutes: int
    started_at: datetime | None
    ended_at: datetime | None
    org_id: UUID
    host: Host
    venue: Venue
    demo: bool
    seller: Seller
    shelf: list[Item]
    pinned: UUID | None
    counts: Counts
    chat: list[ChatLine]
    questions: list[Question]
    on_camera: LotOnCamera | None
    play: Play | None
    replay: Replay | None
    share: Share


class RoomMine(BaseModel):
    """What concerns the one who asks: `badge` as in chat, `control` may open the control room."""

    reserved: bool
    muted_until: datetime | None
    muted: bool
    banned: bool
    badge: str
    control: bool


class RoomOut(Room):
    """A room with what concerns the one who asks."""

    me: RoomMine


class OpenPack(BaseModel):
    """A pack that another seller lets rooms show; `price_fen` and `units_left` as it stands now."""

    pack_id: UUID
    name: str
    unit: str
    net_g: int
    price_fen: int
    units_left: int


class OpenGoods(BaseModel):
    """A product that another seller lets rooms show, and the commission it grants them."""

    product_id: UUID
    title: str
    grade: str
    photo: str | None
    seller: Seller
    commission_permille: int
    packs: list[OpenPack]


class GuestGoods(BaseModel):
    """One's own product on another's shelf, and what was agreed to."""

    item_id: UUID
    product_id: UUID
    title: str
    state: str
    commission_permille: int


class GuestShow(BaseModel):
    """Another's room with one's own goods; orders, units and money are one's own alone."""

    session_id: UUID
    title: str
    state: str
    starts_at: datetime
    host: Host
    room: RoomShop
    goods: list[GuestGoods]
    orders: int
    units: int
    paid_fen: int
    refunded_fen: int

"""A co-operative, as its people run it: every step is a request of a page."""

import io
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from PIL import Image

from tests.stories.place import Page, Place, until
from tests.web import registration
from tiantou.kit import clock
from tiantou.supply.face import COMMITMENTS

COUNTY = "621123"
BOX_G, PRICE_FEN, FARM_FEN_PER_JIN, FLOOR_FEN_PER_JIN = 2_500, 2_980, 360, 300
ADDRESS = {
    "recipient": "王小明",
    "phone": "13900000001",
    "division_code": "110105",
    "detail": "人民路 1 号 3 栋 502",
    "is_default": True,
}


def picture(red: int = 200) -> bytes:
    """A photograph, as a telephone would send it."""
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (red, 120, 60)).save(out, "JPEG")
    return out.getvalue()


async def upload(page: Page, red: int = 200) -> str:
    """Sends a picture; gives its hash."""
    answer = await page.post(
        "/api/files", content=picture(red), headers={"content-type": "image/jpeg"}
    )
    assert answer.status_code == 201, answer.text
    digest = str(answer.json()["hash"])
    shown = await page.get(f"/files/{digest}/320")
    assert shown.headers["content-type"] == "image/webp"
    return digest


@dataclass
class Shop:
    """An admitted organization with its owner, the operator, its people and goods."""

    place: Place
    owner: Page
    operator: Page
    org: str
    household: str = ""
    plot: str = ""
    variety: str = ""
    photo: str = ""
    lots: list[str] = field(default_factory=list)
    packs: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Where its routes begin."""
        return f"/api/orgs/{self.org}"

    async def settle_in(self) -> None:
        """A household with its plot, and a photograph."""
        home = {"name": "李秀兰", "village": "本庙村", "division_code": COUNTY}
        payee = {"bank": "农村信用社", "account": "6217000012345678", "holder": "李秀兰"}
        made = await self.owner.act(
            f"{self.path}/households", home | {"phone": "13900000002", "payee": payee}
        )
        self.household = made["id"]
        assert "6217000012345678" not in str(made)
        field_ = {
            "household_id": self.household,
            "name": "南坡",
            "division_code": COUNTY,
            "village": "本庙村",
            "area_m2": 2_000,
            "altitude_m": 2_300,
        }
        self.plot = (await self.owner.act(f"{self.path}/plots", field_))["id"]
        found = await self.owner.read("/api/varieties", q="红富士")
        self.variety = found["items"][0]["id"]
        self.photo = await upload(self.owner)

    async def weigh_in(self, grams: int, **more: Any) -> dict[str, Any]:
        """A harvest on the scale: slip, lot and certificate."""
        asked = {
            "household_id": self.household,
            "plot_id": self.plot,
            "variety_id": self.variety,
            "grams": grams,
            "grade": "一级",
            "price_fen_per_jin": FARM_FEN_PER_JIN,
            "floor_fen_per_jin": FLOOR_FEN_PER_JIN,
            "harvested_at": (clock.now() - timedelta(hours=5)).isoformat(),
            "certificate": {"basis": "self_test", "commitments": list(COMMITMENTS)},
            "agreed": {"by": "grower"},
        }
        slip: dict[str, Any] = await self.owner.act(f"{self.path}/slips", asked | more)
        self.lots.append(slip["lot"]["id"])
        return slip

    async def product(self, title: str) -> str:
        """A product of one pack; gives the pack."""
        pack = {
            "id": None,
            "name": "五斤装",
            "unit": "箱",
            "net_g": BOX_G,
            "pieces": 10,
            "price_fen": PRICE_FEN,
        }
        asked = {
            "title": title,
            "variety_id": self.variety,
            "grade": "一级",
            "description": "海拔 2,300 米,不套袋。",
            "origin_division_code": COUNTY,
            "photos": [self.photo],
            "fresh": True,
            "packs": [pack],
        }
        made = await self.owner.act(f"{self.path}/products", asked)
        self.packs.append(made["packs"][0]["id"])
        return self.packs[-1]

    async def boxes(self, lot: str, pack: str, boxes: int) -> dict[str, Any]:
        """Packs boxes from a lot, and waits until they are for sale."""
        before = (await self.stock(pack)).get("available", 0)
        run: dict[str, Any] = await self.owner.act(
            f"{self.path}/lots/{lot}/pack", {"pack_id": pack, "boxes": boxes}
        )

        async def there() -> bool:
            return bool((await self.stock(pack)).get("available") == before + boxes)

        await until(there, f"{boxes} boxes in stock")
        return run

    async def goods(self, title: str, boxes: int) -> str:
        """A harvest, a product and its boxes in one go; gives the pack."""
        slip = await self.weigh_in(boxes * BOX_G)
        pack = await self.product(title)
        await self.boxes(slip["lot"]["id"], pack, boxes)
        return pack

    async def stock(self, pack: str) -> dict[str, Any]:
        """The stock of a pack; empty if there never was any."""
        rows = (await self.owner.read(f"{self.path}/stock"))["items"]
        return next((row for row in rows if row["pack_id"] == pack), {})

    async def offer(self, pack: str) -> dict[str, Any]:
        """The standing offer of a pack."""
        found: dict[str, Any] = (await self.stock(pack))["offer"]
        return found

    async def session(self, *packs: str, upto: str = "live", **more: Any) -> dict[str, Any]:
        """A session, planned and taken up to `draft`, `announced`, `in_review`, `ready`, `live`."""
        plan = {
            "title": "高原苹果,今早现摘",
            "cover": self.photo,
            "starts_at": (clock.now() + timedelta(hours=1)).isoformat(),
            "planned_minutes": 60,
            "host": {"kind": "own", "name": "样例主播", "title": "", "phone": None},
            "slot_fee_fen": 0,
            "commission_permille": 0,
            "venue": "here",
            "shelf": [{"pack_id": pack} for pack in packs or self.packs],
        }
        made: dict[str, Any] = await self.owner.act(f"{self.path}/sessions", plan | more)
        for state in ("announced", "in_review", "ready", "live"):
            if made["state"] == upto:
                break
            made = await self.step(made["id"], state)
        return made

    async def step(self, session: str, state: str) -> dict[str, Any]:
        """The step of a session that leads to a state."""
        page, path = {
            "announced": (self.owner, f"/api/sessions/{session}/announce"),
            "in_review": (self.owner, f"/api/sessions/{session}/submit"),
            "ready": (self.operator, f"/api/desk/review/{session}/approve"),
            "live": (self.owner, f"/api/sessions/{session}/go-live"),
        }[state]
        made: dict[str, Any] = await page.act(path)
        assert made["state"] == state
        return made

    async def key(self, session: str) -> dict[str, Any]:
        """A key to publish with."""
        made: dict[str, Any] = await self.owner.act(f"/api/sessions/{session}/key")
        self.place.secrets |= {made["stream_key"], made["publish_token"]}
        return made

    async def order(self, buyer: Page, offer: dict[str, Any], **more: Any) -> httpx.Response:
        """A buyer's two taps."""
        return await buyer.post("/api/orders", json=wish(offer, **more))

    async def bought(self, buyer: Page, offer: dict[str, Any], **more: Any) -> dict[str, Any]:
        """An order, placed and paid on the sandbox's page, as its buyer sees it when it is paid."""
        placed = await self.order(buyer, offer, **more)
        assert placed.status_code == 201, placed.text
        await pay(buyer, placed.json())
        return await mine(buyer, placed.json(), "paid")

    async def seller_act(self, order: dict[str, Any], act: str, body: Any = None) -> dict[str, Any]:
        """A step of the seller on an order."""
        path = f"{self.path}/orders/{order['order_id']}/{act}"
        done: dict[str, Any] = await self.owner.act(path, body)
        return done


def wish(offer: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What a page asks for when somebody buys."""
    to = {name: value for name, value in ADDRESS.items() if name != "is_default"}
    asked = {
        "shop_id": offer["shop_id"],
        "offer_id": offer["id"],
        "units": 1,
        "price_fen": offer["price_fen"],
        "snapshot": offer["snapshot"],
        "origin": "shop",
        "address_id": None,
        "recipient": to,
        "note": "",
    }
    return asked | more


async def pay(
    buyer: Page, order: dict[str, Any], choice: str = "paid", refunds: str = "done"
) -> str:
    """Goes to the provider's page, chooses there, and comes back; gives where to."""
    back = f"/paid/{order['shop_id']}/{order['order_id']}"
    path = f"/api/orders/{order['shop_id']}/{order['order_id']}/pay"
    begun = await buyer.act(path, {"return_to": back})
    form = await buyer.get(begun["redirect_url"])
    assert form.status_code == 200
    assert "DEMO" in form.text
    token = httpx.URL(begun["redirect_url"]).params["s"]
    answer = await buyer.post(
        begun["redirect_url"], data={"s": token, "choice": choice, "refunds": refunds}
    )
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].endswith(back)
    return str(begun["payment_id"])


def my_path(order: dict[str, Any], act: str) -> str:
    """A buyer's act on an order."""
    return f"/api/me/orders/{order['shop_id']}/{order['order_id']}/{act}"


async def mine(buyer: Page, order: dict[str, Any], state: str = "") -> dict[str, Any]:
    """The order as its buyer sees it, once it is in a state."""
    path = f"/api/me/orders/{order['shop_id']}/{order['order_id']}"

    async def look() -> dict[str, Any] | None:
        found: dict[str, Any] = await buyer.read(path)
        return found if state in {"", found["state"]} else None

    return dict(await until(look, f"order {order['order_id']} {state}"))


async def admitted(place: Place, owner: Page, operator: Page, number: int, name: str) -> Shop:
    """A co-operative applies and is admitted."""
    asked = {
        "kind": "coop",
        "name": name,
        "registration_code": registration(number, COUNTY),
        "division_code": COUNTY,
        "address": "会川镇本庙村 18 号",
        "contact_name": "合作社办公室",
        "contact_phone": "0932-4123456",
    }
    org = await owner.act("/api/orgs", asked)
    assert org["state"] == "applied"
    assert org["division"]["in832"]
    waiting = (await operator.read("/api/desk/orgs", state="applied"))["items"]
    assert org["id"] in [one["id"] for one in waiting]
    assert (await operator.act(f"/api/desk/orgs/{org['id']}/admit"))["state"] == "admitted"
    return Shop(place, owner, operator, org["id"])


async def open_shop(place: Place, number: int, name: str) -> Shop:
    """A shop of its own for a test: admitted, with a household and a photograph."""
    shop = await admitted(place, await place.person(), await place.operator(), number, name)
    await shop.settle_in()
    return shop

"""Both providers in a running instance: keys from files, callbacks over the edge, errands."""

from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from sqlalchemy import text

from tests.stories.audit import audit
from tests.stories.place import Page, Place, running
from tests.stories.shop import PRICE_FEN, Shop, mine, my_path, open_shop
from tests.vendors import alipay, wechat
from tests.vendors.base import Trade, Vendor, call_back, rsa_key, serving
from tests.web import until


def _kept(file: Path, raw: bytes) -> str:
    file.write_bytes(raw)
    file.chmod(0o600)
    return str(file)


def _environment(at: Path, one: Vendor, other: Vendor) -> dict[str, str]:
    key = rsa_key("merchant").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = {
        name: rsa_key(name)
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        for name in ("wechat", "alipay")
    }
    ours = _kept(at / "merchant.pem", key)
    return {
        "TIANTOU_PAYMENT": "wechat,alipay",
        "TIANTOU_OUTGOING_PRIVATE": "127.0.0.1",
        "TIANTOU_WECHAT_APP_ID": wechat.APP,
        "TIANTOU_WECHAT_MERCHANT_ID": wechat.MERCHANT,
        "TIANTOU_WECHAT_KEY_FILE": ours,
        "TIANTOU_WECHAT_KEY_SERIAL": wechat.SERIAL,
        "TIANTOU_WECHAT_API_KEY": wechat.API_KEY,
        "TIANTOU_WECHAT_PUBLIC_KEY_FILE": _kept(at / "wechat.pem", public["wechat"]),
        "TIANTOU_WECHAT_PUBLIC_KEY_ID": wechat.KEY_ID,
        "TIANTOU_WECHAT_URL": one.url,
        "TIANTOU_ALIPAY_APP_ID": alipay.APP,
        "TIANTOU_ALIPAY_KEY_FILE": ours,
        "TIANTOU_ALIPAY_PUBLIC_KEY_FILE": _kept(at / "alipay.pem", public["alipay"]),
        "TIANTOU_ALIPAY_SELLER_ID": alipay.SELLER,
        "TIANTOU_ALIPAY_URL": f"{other.url}/gateway.do",
    }


async def _begun(place: Place, buyer: Page, order: dict[str, Any], vendor: Vendor) -> Trade:
    path = f"/api/orders/{order['shop_id']}/{order['order_id']}/pay"
    asked = {"return_to": "/me/orders", "where": "desk", "provider": vendor.name}
    said = await buyer.act(path, asked)
    url = said["redirect_url"]
    if url.startswith("/pay/"):
        assert (await buyer.get(url)).status_code == 200
        shown = await buyer.read(f"/api/payments/{said['payment_id']}")
        assert shown["qr"].startswith("data:image/svg+xml")
        async with place.database.begin() as tx:
            asked_for = text("select code from trade.payment where payment_id = :id")
            url = await tx.scalar(asked_for, {"id": UUID(said["payment_id"])})
    return vendor.opened(url)


async def _sold(place: Place, shop: Shop, vendor: Vendor, pack: str) -> None:
    """One order whose callback comes, and goes back; one whose callback is lost."""
    buyer, offer = await place.person(), await shop.offer(pack)
    told = (await shop.order(buyer, offer)).json()
    trade = await _begun(place, buyer, told, vendor)
    assert trade.notify_url == f"{place.url}/api/payments/{vendor.name}/callback"
    vendor.pay(trade)
    forged = await call_back("", vendor.name, vendor.notice(trade, key="x"), trade.notify_url)
    assert forged.status_code == 403
    heard = await call_back("", vendor.name, vendor.notice(trade), trade.notify_url)
    assert heard.is_success, heard.text
    await mine(buyer, told, "paid")
    await buyer.act(my_path(told, "refund"), {"reason": "地址填错了"})
    await until(lambda: vendor.gone_fen == PRICE_FEN, 60)

    lost = (await shop.order(buyer, offer)).json()
    vendor.pay(await _begun(place, buyer, lost, vendor))
    async with place.database.begin() as tx:
        await tx.execute(text("update trade.payment set ask_at = now() where ask_at is not null"))
    assert (await mine(buyer, lost, "paid"))["paid_fen"] == PRICE_FEN


async def test_both_providers_are_paid_refunded_and_asked(tmp_path: Path) -> None:
    async with serving(wechat.Wechat()) as one, serving(alipay.Alipay()) as other:
        more = _environment(tmp_path, one, other)
        async with running(tmp_path / "home", **more) as place:
            shop = await open_shop(place, 21, "收款合作社")
            pack = await shop.goods("收款的苹果", 6)
            for vendor in (one, other):
                await _sold(place, shop, vendor, pack)
            assert await audit(place) == {}
            assert wechat.API_KEY not in place.up.said

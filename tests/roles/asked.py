"""A well-formed request for each operation: paths that name real things, bodies that would do.

What is not said here is made from the operation's schema by `example`.
"""

from datetime import timedelta
from typing import Any

from tests.roles.chain import chain_bodies
from tests.roles.growing import growing_bodies
from tests.roles.world import FLASH, REASON, order_body, plan
from tests.web import registration
from tiantou.kit import clock

# which thing stands for a path's name; `(path, name)` is looked up first
_NAMES = {
    "org": "org",
    "org_id": "org",
    "shop": "org",
    "product_id": "product",
    "household": "household",
    "household_id": "household",
    "slip_id": "slip",
    "lot_id": "lot",
    "offer": "offer_id",
    "order": "paid",
    "refund": "refund",
    "payment_id": "payment",
    "session_id": "session",
    "item_id": "item",
    "question_id": "question",
    "person_no": "loud_no",
    "person_id": "packer_id",
    "address_id": "address",
    "digest": "picture",
    "standard_id": "standard",
    "run_id": "run",
    "certificate_id": "scheme",
    "variety_id": "variety",
    "pack_id": "pack",
    "code": "box_code",
    "recall_id": "recall",
    "draw_id": "draw",
    "disruption_id": "disruption",
    "coupon_id": "coupon",
    "issuer": "issuer",
    "waiting_id": "wait",
    "plot_id": "plot",
    "season_id": "season",
    "input_id": "input",
    "collection_id": "collection",
    "stop_id": "stop",
}
_FIXED = {
    "role": "packer",
    "provider": "sandbox",
    "size": "96",
    "kind": "sold-out",
    "what": "suspend",
    "claim": "organic",
    "day": (clock.now() + timedelta(days=9)).date().isoformat(),
}
COLLECTION = "/api/orgs/{org}/collections/{collection_id}"
RECALLED = "/api/orgs/{org}/recalls/{recall_id}/orders/{order}/acknowledge"
_SPECIAL = {
    ("/api/desk/grade-standards/{standard_id}/retire", "standard_id"): "standard_of_all",
    ("/api/desk/coupons/{coupon_id}/pieces", "coupon_id"): "coupon_of_all",
    ("/api/desk/coupons/{coupon_id}/close", "coupon_id"): "coupon_of_all",
    ("/api/desk/disruptions/{disruption_id}/end", "disruption_id"): "disruption_of_all",
    ("/api/rooms/{session_id}/reserve", "session_id"): "announced",
    ("/api/sessions/{session_id}/announce", "session_id"): "draft",
    ("/api/sessions/{session_id}/submit", "session_id"): "announced",
    ("/api/sessions/{session_id}/withdraw", "session_id"): "announced",
    ("/api/sessions/{session_id}", "session_id"): "draft",
    ("/api/sessions/{session_id}/cancel", "session_id"): "announced",
    ("/api/sessions/{session_id}/go-live", "session_id"): "ready",
    ("/api/desk/review/{session_id}/approve", "session_id"): "in_review",
    ("/api/desk/review/{session_id}/return", "session_id"): "in_review",
    ("/api/desk/orgs/{org_id}/admit", "org_id"): "waiting",
    ("/api/desk/orgs/{org_id}/refuse", "org_id"): "waiting",
    ("/api/orders/{shop}/{order}/pay", "order"): "pending",
    ("/api/me/orders/{shop}/{order}/cancel", "order"): "pending",
    ("/api/me/orders/{shop}/{order}/confirm", "order"): "delivered",
    ("/api/orgs/{org}/orders/{order}/pack", "order"): "packing",
    ("/api/orgs/{org}/bench/scans/{scan_id}/undo", "scan_id"): "scan_in",
    ("/api/orgs/{org}/bench/scans/{scan_id}/settle", "scan_id"): "scan_refused",
    ("/api/orgs/{org}/orders/{order}/ready", "order"): "packed",
    ("/api/orgs/{org}/orders/{order}/ship", "order"): "packed",
    ("/api/orgs/{org}/stops/{order}/lift", "order"): "recalled_order",
    ("/api/orgs/{org}/orders/{order}/delivered", "order"): "shipped",
    ("/api/orgs/{org}/orders/{order}/lost", "order"): "shipped",
    ("/api/sessions/{session_id}/chat/{no}/hide", "no"): "line",
    ("/api/desk/parked/{no}/run", "no"): "parked",
    ("/api/orgs/{org}/orders/{order}/short-of-goods", "order"): "packing",
    ("/api/orgs/{org}/slips/{slip_id}/read-again", "slip_id"): "slip_disputed",
    ("/api/orgs/{org}/slips/{slip_id}/void", "slip_id"): "slip_unused",
    ("/api/orgs/{org}/plots/{plot_id}/retire", "plot_id"): "plot_unused",
    (f"{COLLECTION}/start", "collection_id"): "collection_planned",
    (f"{COLLECTION}/finish", "collection_id"): "collection_empty",
    (COLLECTION, "collection_id"): "collection_planned",
    (f"{COLLECTION}/stops/{{stop_id}}/call-again", "stop_id"): "stop_skipped",
    ("/api/orgs/{org}/seasons/{season_id}/plant", "season_id"): "season_planned",
    ("/api/orgs/{org}/seasons/{season_id}/harvest", "season_id"): "season_growing",
    ("/api/orgs/{org}/seasons/{season_id}/close", "season_id"): "season_harvesting",
    ("/api/orgs/{org}/seasons/{season_id}/abandon", "season_id"): "season_lost",
    ("/api/orgs/{org}/lots/{lot_id}/release", "lot_id"): "lot_held",
    ("/api/orgs/{org}/lots/{lot_id}/boxes", "lot_id"): "packed_lot",
    ("/api/orgs/{org}/lots/{lot_id}/hold-proposal", "lot_id"): "packed_lot",
    ("/api/orgs/{org}/lots/{lot_id}/hold-proposal/decline", "lot_id"): "packed_lot",
    ("/api/orgs/{org}/lots/{lot_id}/labels.pdf", "lot_id"): "packed_lot",
    ("/api/orgs/{org}/packs/{pack_id}/claims/{claim}", "pack_id"): "pack_claimed",
    ("/api/orgs/{org}/packs/{pack_id}/claims", "pack_id"): "pack_free",
    ("/api/orgs/{org}/packs/{pack_id}/presale", "pack_id"): "pack_free",
    ("/api/desk/scheme-certificates/{certificate_id}/revoke", "certificate_id"): "scheme_verified",
    ("/api/orgs/{org}/recalls/{recall_id}/close", "recall_id"): "recall_done",
    ("/api/orgs/{org}/recalls/{recall_id}/lines", "recall_id"): "recall_done",
    ("/api/orgs/{org}/recalls/{recall_id}/lines.csv", "recall_id"): "recall_done",
    (RECALLED, "recall_id"): "recall_done",
    (RECALLED, "order"): "recalled_order",
    ("/api/me/recalls/{recall_id}/{order}/acknowledge", "recall_id"): "recall_done",
    ("/api/me/recalls/{recall_id}/{order}/acknowledge", "order"): "recalled_order",
    ("/api/sessions/{session_id}/items/{item_id}/flash/close", "item_id"): "item_flash",
    ("/api/sessions/{session_id}/items/{item_id}/restore", "item_id"): "item_off",
}


def names_of(path: str, things: dict[str, Any]) -> dict[str, str]:
    """What the names in a path stand for."""
    found = {}
    for part in path.split("/"):
        if part.startswith("{"):
            name = part.strip("{}")
            thing = _SPECIAL.get((path, name)) or _NAMES.get(name)
            found[name] = str(things[thing]) if thing else _FIXED[name]
    return found


def other_names(path: str, things: dict[str, Any]) -> dict[str, str]:
    """The other shop's own scope, for a path whose other names stay those of the first."""
    first = path.split("/")[3].strip("{}")
    return {first: things["other_session" if first == "session_id" else "other"]}


def query_of(path: str, things: dict[str, Any]) -> dict[str, str]:
    """What must stand in the query."""
    if path == "/api/offers/{shop}/{offer}/freight":
        return {"division": "621123"}
    if path == "/api/orgs/{org}/freight/try":
        return {"division": "621123", "grams": "5000"}
    if path == "/api/orgs/{org}/reach":
        return {"lot": things["lot"]}
    if path.endswith("/traces.zip"):
        return {"since": "2026-01-01", "until": "2099-12-31"}
    if "/piecework" in path:
        return {"since": "2026-01-01", "until": "2026-01-31"}
    if path == "/api/payments/{provider}/identified":
        return {"code": "word", "state": "0190b0b0-0000-7000-8000-000000000000"}
    return {"q": "橙"} if path.endswith("/search") else {}


def body_of(method: str, path: str, operation: dict[str, Any], world: dict[str, Any]) -> Any:
    """The body: JSON, or bytes of a picture, or None if the operation takes none."""
    if path == "/api/files":
        return bytes(world["picture_bytes"])
    if path.endswith("/samples/read"):
        return "grade,brix\n一级,12.5\n".encode()
    said = _bodies(world).get(f"{method} {path}")
    if said is not None:
        return said
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return None if content is None else example(content["schema"], world["schemas"])


def form_of(method: str, path: str, world: dict[str, Any]) -> dict[str, Any]:
    """Words and a picture for the one route that takes a page's form."""
    if (method, path) != ("POST", "/p/{code}"):
        return {}
    photo = ("label.png", bytes(world["picture_bytes"]), "image/png")
    return {"data": {"words": "样例问题"}, "files": {"photo": photo}}


def _bodies(things: dict[str, Any]) -> dict[str, Any]:
    org = "/api/orgs/{org}"
    item = "/api/sessions/{session_id}/items/{item_id}"
    others = chain_bodies(things) | growing_bodies(things) | _baskets(things)
    return others | {
        "POST /api/auth/code": {"phone": "13800138000"},
        "POST /api/auth/sign-in": {"phone": "13800138000", "code": "123456"},
        "POST /api/me/addresses": things["address_body"],
        "POST /api/me/addresses/split": {"text": "张三 13800000000 浙江省杭州市西湖区文三路 1 号"},
        "PUT /api/me/addresses/{address_id}": things["address_body"],
        "POST /api/me/inbox/read": {"up_to": things["message"]},
        "POST /api/orgs": {
            "kind": "coop",
            "name": "第四家合作社",
            "registration_code": registration(4),
            "division_code": "621123",
            "address": "会川镇本庙村18号",
            "contact_name": "办公室",
            "contact_phone": "0932-4123456",
        },
        "PATCH /api/orgs/{org_id}": {"contact_name": "办公室"},
        "POST /api/orgs/{org_id}/members": {"phone": "13900139000", "role": "packer"},
        f"POST {org}/products": things["product_body"],
        f"PATCH {org}/products/{{product_id}}": {"description": "样例"},
        f"POST {org}/households": {
            "name": "第二户",
            "village": "本庙村",
            "division_code": "621123",
        },
        f"POST {org}/plots": {
            "household_id": things["household"],
            "name": "北坡",
            "village": "本庙村",
            "division_code": "621123",
            "area_m2": 100,
        },
        f"POST {org}/slips": things["slip_body"],
        f"POST {org}/lots/{{lot_id}}/pack": {"pack_id": things["pack"], "boxes": 1},
        f"PUT {org}/freight": {
            "flat_fen": 800,
            "free_from_fen": None,
            "not_served": [],
            "days_promised": 3,
        },
        f"POST {org}/orders/{{order}}/pack": {"picks": None},
        f"POST {org}/orders/{{order}}/ship": {"carrier": "顺丰", "waybill": "SF1234567891"},
        f"POST {org}/orders/{{order}}/refund": {"amount_fen": 1, **REASON},
        f"POST {org}/households/{{household}}/payouts": {
            "amount_fen": 1,
            "method": "cash",
            "paid_on": "2026-01-01",
        },
        "POST /api/orgs/{org_id}/sessions": plan(things),
        "PATCH /api/sessions/{session_id}": plan(things),
        "PUT /api/sessions/{session_id}/shelf": {"items": plan(things)["shelf"]},
        "POST /api/sessions/{session_id}/pin": {"item_id": things["item_flash"]},
        f"POST {item}/price": {"price_fen": 2890},
        f"POST {item}/flash": FLASH,
        f"POST {item}/boxes": {"lot_id": things["lot"], "boxes": 1},
    }


def _baskets(things: dict[str, Any]) -> dict[str, Any]:
    """An order, and a basket of one, looked at, placed, paid."""
    order = order_body(things)
    names = ("offer_id", "units", "price_fen", "snapshot")
    part = {"shop_id": order["shop_id"], "recipient": order["recipient"]}
    basket = {"parts": [part | {"lines": [{name: order[name] for name in names}]}]}
    unpaid = {"shop_id": things["org"], "order_id": things["pending"]}
    return {
        "POST /api/orders": order,
        "POST /api/orders/{shop}/{order}/pay": {"return_to": "/me/orders"},
        "POST /api/offers/{shop}/{offer}/waiting": {"units": 1},
        "POST /api/checkouts": basket,
        "POST /api/checkouts/quote": basket,
        "POST /api/checkouts/pay": {"orders": [unpaid], "return_to": "/me/orders"},
    }


def example(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """The smallest value that a JSON schema takes; of a choice, the first."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return example(schema[choice][0], schemas)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        asked = schema.get("required", [])
        return {name: example(schema["properties"][name], schemas) for name in asked}
    if kind == "array":
        return [example(schema["items"], schemas)] * schema.get("minItems", 0)
    if kind in {"integer", "number"}:
        return schema.get("minimum", 1)
    if kind == "boolean":
        return False
    if kind == "null":
        return None
    return _string(schema)


def _string(schema: dict[str, Any]) -> str:
    by_format = {"uuid": "0190b0b0-0000-7000-8000-000000000000", "date": "2026-01-01"}
    form = schema.get("format")
    if form in by_format:
        return by_format[form]
    if form == "date-time":
        return "2026-01-01T00:00:00Z"
    return "样例文字说明和更多"[: max(2, schema.get("minLength", 2))].ljust(
        schema.get("minLength", 0), "例"
    )[: schema.get("maxLength", 400)]

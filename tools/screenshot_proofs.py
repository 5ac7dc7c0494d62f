"""What proves something: a lot on camera with its tests, certificates, a drawn sample."""

from datetime import timedelta
from typing import Any

from tiantou.kit import clock
from tools.screenshot_person import Person


async def show_lot(owner: Person, org: str, session: str) -> dict[str, str]:
    """The pinned product's lot on camera, measured twice; the lot and the code of a box of it."""
    camera = f"/api/sessions/{session}/on-camera"
    lot = (await owner.read(camera))["lots"][0]["lot_id"]
    await owner.act(camera, {"lot_id": lot})
    await owner.act(f"{camera}/tests", {"brix_tenth": 132})
    await owner.act(f"{camera}/tests", {"weight_g": 251, "sample_n": 3})
    boxes = await owner.read(f"/api/orgs/{org}/lots/{lot}/boxes")
    return {"packed_lot": lot, "box": boxes["items"][-1]["code"]}


async def papers(owner: Person, operator: Person, ids: dict[str, str]) -> None:
    """Tests of a lot, a certificate in force and one that waits, a sample with one result."""
    org = f"/api/orgs/{ids['org']}"
    for lot in (ids["packed_lot"], ids["lot"]):
        values = {"inhibition_permille": 84, "brix_tenth": 128}
        await owner.act(
            f"{org}/lots/{lot}/inspections", {"kind": "quick", "sample_n": 10, "values": values}
        )
    product = await owner.read(f"{org}/products/{ids['product']}")
    plots = [one["id"] for one in (await owner.read(f"{org}/plots"))["items"]]
    day = clock.now().date()
    paper: dict[str, Any] = {
        "scheme": "organic",
        "no": "样例-ORG-2026-0117",
        "issuer": "样例认证中心",
        "variety_id": product["variety"]["id"],
        "certified_g": 32_380_000,
        "valid_from": str(day - timedelta(days=120)),
        "valid_until": str(day + timedelta(days=245)),
        "plots": plots,
    }
    first = await owner.act(f"{org}/scheme-certificates", paper)
    verify = f"/api/desk/scheme-certificates/{first['id']}/verify"
    await operator.act(verify, {"note": "原件已核对（演示）"})
    pack = product["packs"][0]["id"]
    await owner.act(f"{org}/packs/{pack}/claims", {"certificate_id": first["id"]})
    await owner.act(
        f"{org}/scheme-certificates", paper | {"scheme": "gi", "no": "样例-GI-2026-0032"}
    )
    drawn = await owner.act(f"{org}/draws", {"lot_id": ids["packed_lot"], "n": 3})
    ids["draw"] = drawn["draw"]["id"]
    result = {"kind": "quick", "sample_n": 5, "values": {"brix_tenth": 126, "weight_g": 248}}
    code = {"code": drawn["drawn"][0]["code"]}
    await owner.act(f"{org}/draws/{ids['draw']}/results", result | code)

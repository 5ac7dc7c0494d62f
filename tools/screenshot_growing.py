"""What plots, seasons and collection runs show: one season withheld, one run half driven."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from tiantou.kit import clock

Act = Callable[..., Awaitable[Any]]
_OUTLINE = ((30_000_000, 115_600_000), (30_000_500, 115_600_000), (30_000_500, 115_600_600))


async def grow(ids: dict[str, str], act: Act, read: Act) -> None:
    """Seasons in three states on the first household's plots, and a run that is half driven."""
    org = f"/api/orgs/{ids['org']}"
    (home, *_) = (await read(f"{org}/households"))["items"]
    slip = (await read(f"{org}/slips"))["items"][0]
    places = {name: home[name] for name in ("village", "division_code")}
    plot = await act(
        f"{org}/plots",
        places | {"household_id": home["id"], "name": "屋后坡", "area_m2": 4_000}
        | {"outline": [{"lat_e6": lat, "lon_e6": lon} for lat, lon in _OUTLINE]},
    )  # fmt: skip
    today = clock.now().date()
    asked = {
        "plot_id": plot["id"],
        "variety_id": slip["variety"]["id"],
        "expected_from": str(today - timedelta(days=5)),
        "expected_until": str(today + timedelta(days=40)),
    }
    season = await act(
        f"{org}/seasons", asked | {"expected_g": 4_000_000, "planted_on": str(today)}
    )
    await _weighed(org, act, home, plot, slip, {"season_id": season["id"]})
    other = asked | {"expected_from": str(today + timedelta(days=200))}
    other |= {"expected_until": str(today + timedelta(days=230)), "expected_g": 2_500_000}
    await act(f"{org}/seasons", other)
    inputs = f"{org}/seasons/{season['id']}/inputs"
    await act(inputs, _input("fertiliser", "复合肥 15-15-15", "", "30 公斤/亩", 60, 0))
    await act(inputs, _input("pesticide", "吡虫啉", "PD20040576", "2000 倍液", 40, 14))
    await act(inputs, _input("pesticide", "阿维菌素", "PD20080001", "3000 倍液", 0, 14))
    ids["season"] = season["id"]
    stops = [
        {"household_id": home["id"], "called_g": 600_000, "planned_minute": 510},
        {"village": "下坝村", "called_g": 1_000_000, "planned_minute": 570},
        {"village": "上坝村", "called_g": 400_000},
    ]
    run = {"day": str(today), "vehicle": "三轮一号", "driver": "老王", "stops": stops}
    await act(f"{org}/collections", run | {"day": str(today + timedelta(days=1))})
    going = await act(f"{org}/collections", run)
    here = f"{org}/collections/{going['id']}"
    await act(f"{here}/start")
    skipped = going["items"][2]["id"]
    await act(f"{here}/stops/{skipped}/skip", {"reason": "下雨没采"})
    first = {"stop_id": going["items"][0]["id"], "plot_id": slip["plot"]["id"]}
    await _weighed(org, act, home, plot, slip, first)
    ids["collection"], ids["stop"] = going["id"], going["items"][1]["id"]


def _input(
    kind: str, product: str, no: str, dose: str, days_ago: int, withhold_days: int
) -> dict[str, Any]:
    day = clock.now().date() - timedelta(days=days_ago)
    return {
        "kind": kind,
        "product": product,
        "registration_no": no,
        "dose": dose,
        "used_on": str(day),
        "withhold_days": withhold_days,
    }


async def _weighed(
    org: str, act: Act, home: Any, plot: Any, slip: Any, more: dict[str, Any]
) -> None:
    said = {
        "household_id": home["id"],
        "plot_id": plot["id"],
        "variety_id": slip["variety"]["id"],
        "grade": slip["grade"],
        "grams": 1_360_000,
        "price_fen_per_jin": slip["price_fen_per_jin"],
        "floor_fen_per_jin": slip["price_fen_per_jin"],
        "harvested_at": clock.now().isoformat(),
        "agreed": {"by": "grower"},
    }
    await act(f"{org}/slips", said | more)

"""The first shop's seasons, on a plot of their own: nothing else is weighed in there."""

from datetime import timedelta
from typing import Any

from tests.roles.world import COUNTY, REASON, World
from tiantou.kit import clock

_PLOT = {"name": "北坡", "village": "本庙村", "division_code": COUNTY, "area_m2": 6_670}


def growing_bodies(things: dict[str, Any]) -> dict[str, Any]:
    """What the routes of growing are asked for."""
    org = "/api/orgs/{org}"
    return {
        f"PUT {org}/plots/{{plot_id}}": _PLOT,
        f"POST {org}/seasons": _season(things),
        f"PUT {org}/seasons/{{season_id}}": _season(things),
        f"POST {org}/seasons/{{season_id}}/abandon": REASON,
        f"POST {org}/seasons/{{season_id}}/inputs": _input(),
        f"POST {org}/seasons/{{season_id}}/inputs/{{input_id}}/correct": REASON,
        f"POST {org}/collections": _run(things),
        f"PUT {org}/collections/{{collection_id}}": _run(things),
        f"POST {org}/collections/{{collection_id}}/stops": {"village": "本庙村"},
        f"POST {org}/runs/mix": {
            "lots": [{"lot_id": things[one], "grams": 10} for one in ("lot", "lot_free")]
        },
        f"POST {org}/runs/relabel": {
            "lot_id": things["lot_free"],
            "grams": 10,
            "grade": "二级",
            **REASON,
        },
        f"POST {org}/samples/judge": {
            "standard_id": things["standard"],
            "items": [{"grade": "一级", "pieces": [{"brix_tenth": 120}]}],
        },
    }


async def make_growing(world: World) -> None:
    """Everything that a path of growing may name."""
    things, post = world.things, world.post
    org = f"/api/orgs/{things['org']}"
    plot = _PLOT | {"household_id": things["household"]}
    for name in ("plot_of_seasons", "plot_unused"):
        things[name] = (await post("owner", f"{org}/plots", plot))["id"]
    for name, steps in (
        ("season", ()),
        ("season_planned", ()),
        ("season_lost", ()),
        ("season_growing", ("plant",)),
        ("season_harvesting", ("plant", "harvest")),
    ):
        things[name] = (await post("owner", f"{org}/seasons", _season(things)))["id"]
        for step in steps:
            await post("owner", f"{org}/seasons/{things[name]}/{step}")
    used = await post("owner", f"{org}/seasons/{things['season']}/inputs", _input())
    things["input"] = used["items"][0]["id"]
    await _collections(world, org)


async def _collections(world: World, org: str) -> None:
    """A planned run, one under way with two stops, and one under way without any."""
    things, post = world.things, world.post
    for name, stops in (
        ("collection_planned", 1),
        ("collection", 2),
        ("collection_empty", 0),
    ):
        run = await post("owner", f"{org}/collections", _run(things, stops))
        things[name] = run["id"]
        if name != "collection_planned":
            await post("owner", f"{org}/collections/{run['id']}/start")
        if stops == 2:
            things["stop"], things["stop_skipped"] = (one["id"] for one in run["items"])
            skip = f"{org}/collections/{run['id']}/stops/{things['stop_skipped']}/skip"
            await post("owner", skip, REASON)


def _run(things: dict[str, Any], stops: int = 1) -> dict[str, Any]:
    stop = {"household_id": things["household"], "called_g": 100_000}
    return {"day": clock.now().date().isoformat(), "vehicle": "三轮", "stops": [stop] * stops}


def _season(things: dict[str, Any]) -> dict[str, Any]:
    today = clock.now().date()
    return {
        "plot_id": things["plot_of_seasons"],
        "variety_id": things["variety"],
        "expected_g": 1_000,
        "expected_from": today.isoformat(),
        "expected_until": (today + timedelta(days=30)).isoformat(),
    }


def _input() -> dict[str, Any]:
    return {
        "kind": "fertiliser",
        "product": "复合肥",
        "dose": "30 kg/亩",
        "used_on": (clock.now().date() - timedelta(days=1)).isoformat(),
        "withhold_days": 0,
    }

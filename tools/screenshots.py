"""Walks every page in two sizes and two languages and writes a picture of each.

For a running `up --demo` in a throwaway home: it signs people in by links, places orders, plans
sessions (`tools/screenshot_stage.py`), then looks. What a page complained of stands in report.txt.

python -m tools.screenshots --home /tmp/shown --url http://localhost:8090 --to /tmp/shots
"""

import argparse
import asyncio
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright
from playwright.async_api import Error as BrowserError

from tools.screenshot_stage import Stage, stage

SIZES = {"phone": (390, 844), "desk": (1440, 900)}
LANGUAGES = ("zh-CN", "en")
SETTLE_MS, QUIET_MS, PLAY_MS, GOTO_MS = 900, 4_000, 20_000, 60_000
HIGH_MAX = 6_000
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_LONG = """() => {
  const page = document.documentElement
  return page.scrollWidth > page.clientWidth ? page.scrollWidth - page.clientWidth : 0
}"""
_LOADED = """() => !document.querySelector('.bones')"""
_PLAYS = """() => [...document.querySelectorAll('video')].some((v) => v.currentTime > 0.5)"""


@dataclass(frozen=True)
class Shot:
    """A page as somebody sees it; `click` are selectors tapped one after another."""

    name: str
    path: str
    who: str = ""
    click: tuple[str, ...] = ()
    plays: bool = False
    long: bool = False


def shots(made: Stage) -> list[Shot]:
    """Every page."""
    return [
        *_viewer(made.ids),
        *_studio(made.ids),
        *_growing(made.ids),
        *_chain(made.ids),
        *_desk(),
    ]


def _viewer(ids: dict[str, str]) -> list[Shot]:
    room, shop = f"/room/{ids['room']}", ids["shop"]
    order = f"/me/orders/{shop}/{ids['shipped']}"
    bag, act = "button.bag, .side button[role=tab]:last-child", ".btn--buy"
    product, put, open_cart = f"/product/{ids['product']}", ".foot .btn--line", ".toast__undo"
    return [
        Shot("viewer-home", "/", long=True),
        Shot("viewer-search", "/search?q=橙", long=True),
        Shot("viewer-room", room, "buyer", plays=True),
        Shot("viewer-room-shelf", room, "buyer", (bag,), plays=True),
        Shot("viewer-room-order", room, "buyer", (act,), plays=True),
        Shot("viewer-room-sign-in", room, "", (act,), plays=True),
        Shot("viewer-room-elder", f"{room}?elder=1", "elder", plays=True),
        Shot("viewer-announced", f"/room/{ids['announced']}", "buyer"),
        Shot("viewer-replay", f"/room/{ids['replay']}", "buyer", plays=True),
        Shot("viewer-shop", f"/shop/{shop}", long=True),
        Shot("viewer-product", product, long=True),
        Shot("viewer-sign-in", "/sign-in"),
        Shot("viewer-link", "/link/spent-link-of-nobody-0000000000"),
        Shot("viewer-me", "/me", "buyer"),
        Shot("viewer-me-nobody", "/me"),
        Shot("viewer-orders", "/me/orders", "buyer", long=True),
        Shot("viewer-order", order, "buyer", long=True),
        Shot("viewer-order-to-pay", f"/me/orders/{shop}/{ids['to_pay']}", "buyer", long=True),
        Shot("viewer-order-arrived", f"/me/orders/{shop}/{ids['delivered']}", "buyer", long=True),
        Shot("viewer-order-recalled", f"/me/orders/{shop}/{ids['recalled']}", "buyer", long=True),
        Shot("viewer-recalls", "/me/recalls", "buyer", long=True),
        Shot("viewer-refund", f"/me/orders/{shop}/{ids['paid']}/refund", "buyer", long=True),
        Shot("viewer-addresses", "/me/addresses", "buyer"),
        Shot("viewer-cart", "/cart", "buyer"),
        Shot("viewer-checkout", "/checkout", "buyer"),
        Shot("viewer-cart-full", product, "buyer", (put, open_cart), long=True),
        Shot("viewer-checkout-full", product, "buyer", (put, open_cart, act), long=True),
        Shot(
            "viewer-checkout-gifts", product, "buyer", (put, open_cart, act, ".another"), long=True
        ),
        Shot("viewer-waiting", "/me/waiting", "buyer"),
        Shot("viewer-coupons", "/me/coupons", "buyer"),
        Shot("viewer-inbox", "/me/inbox", "buyer"),
        Shot("viewer-paid", f"/paid/{shop}/{ids['paid']}", "buyer", long=True),
        Shot("viewer-pay-unknown", f"/pay/{ids['room']}", "buyer"),
        Shot("viewer-not-found", "/nowhere"),
        Shot("passport", f"/p/{ids['box']}?lang={{lang}}", long=True),
        Shot("page-problem", "/problems/sold-out"),
        Shot("page-share", f"/share/{ids['room']}"),
    ]


def _studio(ids: dict[str, str]) -> list[Shot]:
    org, who = ids["org"], "owner"
    plain = {
        "today": "",
        "households": "households",
        "household": f"households/{ids['household']}",
        "weigh": "weigh",
        "slips": "slips",
        "slip": f"slips/{ids['slip']}",
        "lots": "lots",
        "passports": "passports",
        "draws": "draws",
        "certificates": "certificates",
        "products": "products",
        "product-new": "products/new",
        "product": f"products/{ids['product']}",
        "others-rooms": "others-rooms",
        "disruptions": "disruptions",
        "capacity": "capacity",
        "coupons": "coupons",
        "stock": "stock",
        "orders": "orders",
        "order": f"orders/{ids['paid']}",
        "packing": "packing",
        "bench": "bench",
        "kept": "kept",
        "money": "money",
        "statement": f"money/{ids['household']}",
        "sessions": "sessions",
        "session-new": "sessions/new",
        "session-ready": f"sessions/{ids['ready']}",
        "session-ended": f"sessions/{ids['replay']}",
        "session-edit": f"sessions/{ids['draft']}/edit",
        "members": "members",
        "settings": "settings",
        "apply": "apply",
    }
    papers = {
        "slip": f"slips/{ids['slip']}/print",
        "certificate": f"lots/{ids['lot']}/certificate",
        "statement": f"households/{ids['household']}/statement/print",
    }
    return [
        *(
            Shot(f"studio-{name}", f"/studio/{path}", who, long=True)
            for name, path in plain.items()
        ),
        Shot("studio-draw", "/studio/draws", who, (".line",)),
        Shot("studio-lot-tests", f"/studio/lots?lot={ids['lot']}", who),
        Shot("studio-go-live", f"/studio/sessions/{ids['ready']}/live", who),
        Shot("studio-control", f"/studio/sessions/{ids['room']}/control", who),
        Shot("studio-prompter", f"/studio/sessions/{ids['room']}/prompter", who),
        Shot("studio-apply-nobody", "/studio/apply", "buyer"),
        Shot("studio-nobody", "/studio/"),
        *(
            Shot(f"print-{name}", f"/api/orgs/{org}/{path}?lang={{lang}}", who, long=True)
            for name, path in papers.items()
        ),
    ]


def _growing(ids: dict[str, str]) -> list[Shot]:
    who, season = "owner", f"seasons/{ids['season']}"
    stop = f"weigh?stop={ids['stop']}&run={ids['collection']}&no=2&village=下坝村"
    new = (".head .btn--leaf",)
    pages: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("plots", "plots", ()),
        ("plot-edit", "plots", ("td .btn--line:last-child",)),
        ("seasons", "seasons", ()),
        ("season", season, ()),
        ("season-new", "seasons", new),
        ("input-new", season, (".card__h .btn--line",)),
        ("collections", "collections", ()),
        ("collection", f"collections/{ids['collection']}", ()),
        ("collection-new", "collections", new),
        ("weigh-stop", stop, ()),
    )
    return [
        Shot(f"studio-{name}", f"/studio/{path}", who, click, long=True)
        for name, path, click in pages
    ]


def _chain(ids: dict[str, str]) -> list[Shot]:
    """The studio's pages from lots to recalls."""
    who = "owner"
    plain = {
        "lot": f"lots/{ids['graded']}",
        "lot-packed": f"lots/{ids['packed']}",
        "runs": "runs",
        "run-grade": f"runs/{ids['grade_run']}",
        "run-pack": f"runs/{ids['pack_run']}",
        "grade": f"runs/grade?lot={ids['lot']}",
        "pack": f"runs/pack?lot={ids['lot']}",
        "standards": "runs/standards",
        "piecework": "runs/piecework",
        "recalls": "recalls",
        "recall": f"recalls/{ids['recall']}",
        "recall-drill": f"recalls/{ids['drill']}",
        "recall-draft": f"recalls/{ids['draft_recall']}",
        "recall-new": f"recalls/new?lot={ids['lot']}",
        "recall-box": f"recalls/new?box={ids['box']}",
        "reports": "recalls/reports",
        "traces": "recalls/traces",
    }
    return [
        *(
            Shot(f"studio-{name}", f"/studio/{path}", who, long=True)
            for name, path in plain.items()
        ),
        Shot("studio-lot-hold", f"/studio/lots/{ids['lot']}", who, (".head .btn--danger",)),
        Shot("studio-lot-move", f"/studio/lots/{ids['lot']}", who, (".card__h .btn--line",)),
        Shot("studio-standard-new", "/studio/runs/standards", who, (".head .btn--line",)),
        Shot(
            "studio-recall-activate",
            f"/studio/recalls/{ids['draft_recall']}",
            who,
            (".head .btn--danger",),
        ),
    ]


def _desk() -> list[Shot]:
    names = (
        "review",
        "sessions",
        "orgs",
        "refunds",
        "bills",
        "disruptions",
        "coupons",
        "certificates",
        "draws",
        "standards",
        "queues",
        "audit",
    )
    made = [Shot(f"desk-{name}", f"/desk/{name}", "operator", long=True) for name in names]
    return [*made, Shot("desk-not-allowed", "/desk/review", "buyer")]


async def _context(browser: Browser, made: Stage, who: str, size: str, lang: str) -> BrowserContext:
    """A browser of somebody's own."""
    width, height = SIZES[size]
    phone = size == "phone"
    context = await browser.new_context(
        viewport=ViewportSize(width=width, height=height),
        device_scale_factor=2 if phone else 1,
        locale=lang,
        timezone_id="Asia/Shanghai",
        has_touch=phone,
        permissions=["camera", "microphone"],
        service_workers="block",
    )
    name = "buyer" if who == "elder" else who
    if name:
        await context.add_cookies([{"name": "tt", "value": made.cookies[name], "url": made.url}])
    return context


async def _settle(page: Page, shot: Shot) -> list[str]:
    """Waits until the page stands still, as far as a live page does."""
    said = []
    try:
        await page.wait_for_load_state("networkidle", timeout=QUIET_MS)
    except BrowserError:
        said.append("never idle") if not shot.plays else None
    try:
        await page.wait_for_function(_LOADED, timeout=PLAY_MS)
    except BrowserError:
        said.append("still loading")
    if shot.plays:
        try:
            await page.wait_for_function(_PLAYS, timeout=PLAY_MS)
        except BrowserError:
            said.append("the picture does not move")
    for selector in shot.click:
        try:
            await page.locator(selector).first.click(timeout=5_000)
        except BrowserError:
            said.append(f"nothing to tap: {selector}")
    await page.wait_for_timeout(SETTLE_MS)
    return said


async def _grow(page: Page) -> None:
    """Makes the screen as high as the page, so that bars at its foot stay at the foot."""
    size = page.viewport_size
    high = int(await page.evaluate("document.documentElement.scrollHeight"))
    if size and high > size["height"]:
        await page.set_viewport_size(ViewportSize(width=size["width"], height=min(high, HIGH_MAX)))
        await page.wait_for_timeout(SETTLE_MS)


async def _take(context: BrowserContext, url: str, shot: Shot, file: Path, lang: str) -> list[str]:
    """One picture; gives what the page complained of."""
    page = await context.new_page()
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(f"error: {error}"))
    page.on("console", lambda one: told.append(one.text[:200]) if one.type == "error" else None)
    try:
        path = shot.path.replace("{lang}", lang)
        await page.goto(url + path, wait_until="domcontentloaded", timeout=GOTO_MS)
        told += await _settle(page, shot)
        if over := await page.evaluate(_LONG):
            told.append(f"wider than the screen by {over} px")
        if shot.long:
            await _grow(page)
        await page.screenshot(path=file, animations="disabled")
    except BrowserError as error:
        told.append(f"no picture: {error.message.splitlines()[0]}")
    finally:
        await page.close()
    return told


def _chromium() -> str:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit("there is no Chromium: python -m tools.test_needs")
    return found


async def _walk(made: Stage, to: Path, wanted: argparse.Namespace) -> list[str]:
    """Every page in every size and language that is wanted."""
    todo = [one for one in shots(made) if any(part in one.name for part in wanted.only or [""])]
    report = []
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=_chromium(),
            args=[
                "--no-sandbox",
                "--autoplay-policy=no-user-gesture-required",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
            ],
        )
        for size in wanted.size or SIZES:
            for lang in wanted.lang or LANGUAGES:
                for who in dict.fromkeys(one.who for one in todo):
                    context = await _context(browser, made, who, size, lang)
                    for shot in (one for one in todo if one.who == who):
                        file = to / f"{shot.name}.{size}.{lang}.png"
                        told = await _take(context, made.url, shot, file, lang)
                        line = f"{file.name}: {'; '.join(dict.fromkeys(told)) or 'ok'}"
                        report.append(line)
                        print(line, flush=True)
                    await context.close()
        await browser.close()
    return report


def _staged(wanted: argparse.Namespace) -> Stage:
    """The stage: as it was played before into this folder, or played now."""
    kept: Path = wanted.to / "stage.json"
    if kept.exists():
        return Stage(**cast(dict[str, Any], json.loads(kept.read_text())))
    print("Signing in and playing the story, once ...", flush=True)
    made = asyncio.run(stage(wanted.home.resolve(), wanted.url))
    kept.touch(mode=0o600)
    kept.write_text(json.dumps(asdict(made)))
    return made


def main() -> None:
    """Reads the arguments and walks."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--home", type=Path, default=Path("var"), help="the instance's home")
    asked.add_argument("--url", default="http://localhost:8080", help="its address")
    asked.add_argument("--to", type=Path, default=Path("build/screenshots"), help="a folder")
    asked.add_argument("--only", nargs="*", help="parts of names")
    asked.add_argument("--size", nargs="*", choices=list(SIZES))
    asked.add_argument("--lang", nargs="*", choices=LANGUAGES)
    wanted = asked.parse_args()
    wanted.to.mkdir(parents=True, exist_ok=True)
    made = _staged(wanted)
    report = asyncio.run(_walk(made, wanted.to, wanted))
    (wanted.to / "report.txt").write_text("\n".join(report) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

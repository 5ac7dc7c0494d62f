"""`make bench-orders`: everything in one go; the last line is one JSON object.

The bare POST and the orders are asked of one process in turns, so a busy machine bends both; rates
are medians of ROUNDS rounds. CPU is that of the API's process and of all of PostgreSQL.
"""

import asyncio
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx

from bench.orders import admit, place
from bench.orders.place import Buyer, Offer, Place

HERE = Path(__file__).parent
BUYERS = int(os.environ.get("BUYERS", "10000"))
ROUNDS = int(os.environ.get("ROUNDS", "7"))
CONNECTIONS = (64, 256, 1024)
MAIN = 256
SEED = 10
ORDERS, BARE = "/api/orders", "/bench/orders"


class Api:
    """The API's process."""

    def __init__(self, made: Place, home: Path) -> None:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = int(one.getsockname()[1])
        self._env = {
            **os.environ,
            "TIANTOU_HOME": str(home),
            "TIANTOU_DATABASE_URL": made.dsn,
            "TIANTOU_ROOT_SECRET": made.secret,
            "TIANTOU_PUBLIC_URLS": place.PAGE,
            "TIANTOU_LOG_LEVEL": "warning",
        }
        self._log = (home / "api.log").open("wb")
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "bench.orders.server", str(self.port)],
            env=self._env,
            stdout=self._log,
            stderr=self._log,
        )

    async def kill(self) -> None:
        """kill -9, and another one in its place, again and again while its database is away."""
        self.process.kill()
        self.process.wait(20)
        while True:
            self.process = self._start()
            try:
                await self.ready()
            except RuntimeError:
                await asyncio.sleep(0.5)
            else:
                return

    async def ready(self) -> None:
        """Waits until it answers. Raises RuntimeError if it ends first."""
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}") as client:
            while self.process.poll() is None:
                try:
                    if (await client.get("/api/config")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        raise RuntimeError(f"the API ended with {self.process.returncode}: see its log")

    def close(self) -> None:
        """Ends it."""
        self.process.terminate()
        self.process.wait(20)
        self._log.close()


class Bench:
    """A place, its buyers, the API, the load."""

    def __init__(self, made: Place, folder: Path, buyers: list[Buyer], api: Api) -> None:
        self.place, self.folder, self.buyers, self.api = made, folder, buyers, api
        self.load, self.runs, self.oversold = folder / "load", 0, 0
        source = str(HERE / "load.c")
        subprocess.run(["cc", "-O2", "-o", str(self.load), source], check=True)

    async def ask(
        self, name: str, path: str, offers: list[Offer], connections: int, count: int
    ) -> dict[str, Any]:
        """One run of the load; the books are looked at afterwards."""
        self.runs += 1
        file = self.folder / "requests"
        place.write_requests(file, path, self.buyers, offers)
        await place.settle(self.place)
        servers = self.place.servers()
        before = place.cpu_s([self.api.process.pid]), place.cpu_s(servers)
        load = [str(self.load), "-p", str(self.api.port), "-c", str(connections)]
        load += ["-n", str(count), "-f", str(file), "-r", str(self.runs)]
        process = await asyncio.create_subprocess_exec(*load, stdout=asyncio.subprocess.PIPE)
        said, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"the load of {name} ended with {process.returncode}")
        made: dict[str, Any] = json.loads(said)
        after = place.cpu_s([self.api.process.pid]), place.cpu_s(self.place.servers())
        made["api_us"] = round((after[0] - before[0]) / count * 1e6, 1)
        made["postgres_us"] = round((after[1] - before[1]) / count * 1e6, 1)
        made["load_us"] = round(made.pop("load_cpu_s") / count * 1e6, 1)
        await self.audit(offers, made["status"].get("201", 0) if path == ORDERS else 0)
        load_now = round(os.getloadavg()[0], 1)
        print(f"{name} x{connections}: {json.dumps(made)} load {load_now}", flush=True)
        return made

    async def audit(self, offers: list[Offer], admitted: int) -> None:
        """Counts what was sold beyond the stock. Raises ValueError if answers and rows differ."""
        rows = await place.orders_of(self.place, list({one.shop_id for one in offers}))
        if rows != admitted:
            raise ValueError(f"{admitted} orders were acknowledged, {rows} are stored")
        self.oversold += await place.audited(self.place)

    async def hot(self, connections: int, rounds: int) -> dict[str, Any]:
        """Bare POST and orders of one offer, in turns."""
        bare, hot = [], []
        for _ in range(rounds):
            offers = await place.put_offers(self.place, 10 * BUYERS)
            bare.append(await self.ask("bare POST", BARE, offers, connections, 2 * BUYERS))
            hot.append(await self.ask("one hot offer", ORDERS, offers, connections, 2 * BUYERS))
            _must(hot[-1], "201", 2 * BUYERS)
        return {
            "bare_post_per_s": _median(bare, "per_s"),
            "http_orders_per_s": _median(hot, "per_s"),
            "ratio": round(
                statistics.median(
                    ours["per_s"] / peer["per_s"] for ours, peer in zip(hot, bare, strict=True)
                ),
                3,
            ),
            "cpu_us_per_order": round(
                statistics.median(one["api_us"] + one["postgres_us"] for one in hot), 1
            ),
            "p99_ms": _median(hot, "p99_ms"),
        }


def _median(runs: list[dict[str, Any]], name: str) -> float:
    return round(float(statistics.median(one[name] for one in runs)), 1)


def _must(made: dict[str, Any], status: str, count: int) -> None:
    if made["status"] != {status: count}:
        raise ValueError(f"not all were {status}: {made['status']}")


async def measure(bench: Bench) -> dict[str, Any]:
    """All of it."""
    warm = await place.put_offers(bench.place, 10 * BUYERS)
    for path in (BARE, ORDERS):
        await bench.ask("warming up", path, warm, MAIN, BUYERS // 2)
    hot = {n: await bench.hot(n, ROUNDS if n == MAIN else 3) for n in CONNECTIONS}
    many = await place.put_offers(bench.place, 10, shops=BUYERS // 10, each=10)
    random.Random(SEED).shuffle(many)
    tail = await bench.ask("10,000 offers", ORDERS, many, MAIN, BUYERS)
    _must(tail, "201", BUYERS)
    empty = await place.put_offers(bench.place, 0)
    losers = await bench.ask("losers only", ORDERS, empty, MAIN, 2 * BUYERS)
    _must(losers, "409", 2 * BUYERS)
    inside = await admit.measure(bench.place, bench.buyers, 3)
    bench.oversold += await place.audited(bench.place)
    return {
        **hot[MAIN],
        **inside,
        "oversold": bench.oversold,
        "buyers": BUYERS,
        "connections": MAIN,
        "by_connections": {str(n): one for n, one in hot.items() if n != MAIN},
        "offers_10000_per_s": tail["per_s"],
        "losers_per_s": losers["per_s"],
        "load_average": round(os.getloadavg()[0], 1),
    }


async def main() -> None:
    """Sets up, measures, clears away."""
    with tempfile.TemporaryDirectory(prefix="tt") as name:
        home = Path(name)
        made = await place.open_place(home)
        try:
            buyers = await place.put_buyers(made, BUYERS)
            api = Api(made, home)
            try:
                await api.ready()
                said = await measure(Bench(made, home, buyers, api))
            finally:
                api.close()
        finally:
            await made.close()
    print(json.dumps(said))


if __name__ == "__main__":
    asyncio.run(main())

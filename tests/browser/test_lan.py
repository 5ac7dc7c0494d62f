"""Phones on the same network go live and watch: everything on the one HTTPS origin."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.up.cable import HOST


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@pytest.mark.timeout(600)
def test_a_live_on_phones_of_the_same_network(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.browser.lan", str(tmp_path / "home")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr
    got = json.loads(done.stdout)
    parts = urlsplit(got["origin"])
    assert (parts.scheme, parts.hostname) == ("https", HOST)
    # The camera is there, because the page is secure; the certificate was checked, not waved by.
    assert got["secure"] is True
    host, slow, quick = got["requests"]
    assert {_origin(url) for one in got["requests"] for url in one} == {got["origin"]}
    sockets = {url for one in got["frames"] for url in one}
    assert {_origin(url) for url in sockets} == {got["origin"].replace("https", "wss")}
    # Beside the root certificate, fetched before, the phone's connections lead to one port.
    leads = {tuple(one) for one in got["spoke_to"]} - {(HOST, got["plain"])}
    assert leads == {(HOST, parts.port)}
    # The host published, and everybody heard the room.
    published, *rooms = got["frames"]
    assert any("/in/" in url and count for url, count in published.items())
    assert all(any("/rt/" in url and count for url, count in one.items()) for one in rooms)
    # One viewer had parts of LL-HLS and no FLV, the other one had FLV in place of HLS.
    assert any(".m3u8" in url and "_HLS_msn" in url for url in slow)
    assert not any(".flv" in url for url in [*host, *slow])
    assert any(".flv" in url for url in quick)
    assert got["lists_beside_flv"] == 0

"""`up --public` seen from another machine: a second network namespace on one cable."""

import json
import subprocess
import sys
from pathlib import Path

from tiantou.up import lan


def test_a_phone_on_the_network(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.up.lan", str(tmp_path / "home")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    got = json.loads(done.stdout)
    assert got["url"] == "https://192.168.77.1:8443"
    assert "http://192.168.77.1:8080/ca" in got["said"] and "█" in got["said"]
    assert got["page"] == "200"
    # Plain HTTP gives nothing but the page and a redirect, whatever name is claimed.
    assert got["plain"] == "308" and got["plain_as_localhost"] == "308"
    assert got["https"] == "200"
    assert got["unknown"] == "421"
    # Media and gateway are reached on the one origin; they refuse tokens that are none.
    assert got["media"] in {"401", "403", "404"} and got["gateway"] in {"401", "403", "404"}
    assert got["rtmp"] == "open" and got["nothing"] == "closed"
    assert got["doors"] == [1935, 8080, 8443]


def test_loopback_is_no_address_for_others() -> None:
    assert not {"127.0.0.1", "::1", "0.0.0.0"} & set(lan.addresses())

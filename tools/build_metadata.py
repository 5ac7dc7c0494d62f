"""Hatchling hook: the wheel depends on the names of requirements.in at the lock's versions."""

from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Dependencies(MetadataHookInterface):
    """Reads `requirements.in` and pins each name to the version in `requirements.lock`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Sets `dependencies`. Raises KeyError if a name is not locked."""
        root = Path(self.root)
        pins: dict[str, list[str]] = {}
        for line in (root / "requirements.lock").read_text().splitlines():
            if "==" in line and not line.startswith((" ", "#")):
                pin = line.removesuffix("\\").strip()
                pins.setdefault(pin.split("==")[0], []).append(pin)
        wanted: list[str] = []
        for line in (root / "requirements.in").read_text().split():
            name, bracket, extra = line.partition("[")
            wanted += [
                pin.replace(name, name + bracket + extra, 1) if bracket else pin
                for pin in pins[name]
            ]
        metadata["dependencies"] = wanted

"""The package's own table of crops and varieties (`varieties.csv`), read into rows.

Their ids are made from their names, so they are the same in every instance. Where the figures come
from is said in docs/reference/varieties.md.
"""

import csv
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

_SPACE = UUID("6f1f5a4e-54a6-5a0f-9d0e-2f0a3b6c7d81")
_TABLE = Path(__file__).with_name("varieties.csv")


def crop_id(crop: str) -> UUID:
    """The id of a crop by its Chinese name."""
    return uuid5(_SPACE, crop)


def variety_id(crop: str, name: str) -> UUID:
    """The id of a variety by the Chinese names of its crop and its own."""
    return uuid5(_SPACE, f"{crop}/{name}")


def read() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of `crop` and of `variety`, in the order of the file."""
    crops: dict[str, dict[str, Any]] = {}
    varieties = []
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            crop = line["crop"]
            crops[crop] = {
                "id": crop_id(crop),
                "name": crop,
                "name_en": line["crop_en"],
                "kind": line["kind"],
                "certificate_due": line["certificate_due"] == "1",
            }
            varieties.append(
                {
                    "id": variety_id(crop, line["name"]),
                    "crop_id": crop_id(crop),
                    "name": line["name"],
                    "name_en": line["name_en"],
                    "months": [int(month) for month in line["months"].split()],
                    "storage": line["storage"],
                    "shelf_days": int(line["shelf_days"]),
                    "shelf_source": line["shelf_source"],
                }
            )
    return list(crops.values()), varieties

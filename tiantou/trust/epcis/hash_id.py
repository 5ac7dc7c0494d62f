"""The EPCIS event hash id of CBV 2.0, section 8.9: the same event has the same id in any notation.

For the events of `models`; the tests compare with the reference generator.
"""

import hashlib
from typing import Any

_CBV = "https://ref.gs1.org/cbv/"
# in this order, whatever the order in the event
_ORDER = (
    "eventTime", "eventTimeZoneOffset", "parentID", "quantityList", "childQuantityList",
    "inputQuantityList", "outputQuantityList", "action", "transformationID", "bizStep",
    "disposition", "persistentDisposition", "readPoint", "bizLocation", "bizTransactionList",
    "destinationList",
)  # fmt: skip


def event_id(event: dict[str, Any]) -> str:
    """The id of an event as JSON-LD; its own eventID takes no part."""
    digest = hashlib.sha256(pre_hash(event).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def pre_hash(event: dict[str, Any]) -> str:
    """The text that is hashed. Raises ValueError for a member that is none of ours."""
    strange = event.keys() - {*_ORDER, "type", "eventID", "ilmd"}
    if strange:
        raise ValueError(f"no hash is defined here for {sorted(strange)}")
    parts = [f"eventType={event['type']}"]
    parts += [_member(name, event[name]) for name in _ORDER if name in event]
    if ilmd := event.get("ilmd"):
        parts += ["ilmd", *sorted(f"{name}={_value(value)}" for name, value in ilmd.items())]
    return "".join(parts)


def _member(name: str, value: Any) -> str:
    if name.endswith("uantityList"):
        return name + "".join(sorted(f"quantityElement{_quantity(one)}" for one in value))
    if name in {"bizTransactionList", "destinationList"}:
        told = name.removesuffix("List")
        kind = "BTT" if told == "bizTransaction" else "SDT"
        pairs = sorted(f"type={_CBV}{kind}-{one['type']}{told}={one[told]}" for one in value)
        return name + "".join(pairs)
    if name == "persistentDisposition":
        return name + "".join(sorted(f"set={_CBV}Disp-{one}" for one in value["set"]))
    if name in {"readPoint", "bizLocation"}:
        return f"{name}id={value['id']}"
    if name == "bizStep":
        return f"{name}={_CBV}BizStep-{value}"
    if name == "disposition":
        return f"{name}={_CBV}Disp-{value}"
    return f"{name}={value}"


def _quantity(one: dict[str, Any]) -> str:
    unit = f"uom={one['uom']}" if "uom" in one else ""
    return f"epcClass={one['epcClass']}quantity={_value(one['quantity'])}{unit}"


def _value(value: Any) -> str:
    """A number without what says nothing; a text of digits is one too."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    return str(int(number)) if number == int(number) else str(number)

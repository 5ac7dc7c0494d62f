"""Numbers of a passport as people read them."""

# How many whole numbers of an attribute make one of the unit that people read, and that unit.
UNITS = {
    "diameter_tenth_mm": (10, " mm"),
    "brix_tenth": (10, ""),
    "blemish_mm2": (1, " mm²"),
    "weight_g": (1, " g"),
    "inhibition_permille": (10, "%"),
    "residue_ug_kg": (1_000, " mg/kg"),
}


def value(attribute: str, whole: int | None) -> str:
    """A number with its unit; "" for None."""
    return "" if whole is None else number(attribute, whole) + UNITS[attribute][1]


def number(attribute: str, whole: int) -> str:
    """A number without its unit."""
    return decimal(whole, UNITS[attribute][0])


def decimal(whole: int, per: int) -> str:
    """`whole` in parts of `per`, a power of ten, as a decimal without zeros at its end."""
    digits = len(str(per)) - 1
    front, rest = divmod(whole, per)
    return f"{front}.{rest:0{digits}d}".rstrip("0") if rest else str(front)

"""Text of people: cleaned, bounded, masked."""

import re
import unicodedata

_BLANKS = re.compile(r"\s+")
MOBILE_CN = re.compile(r"1[3-9]\d{9}")


def clean(text: str, newlines: bool = False) -> str:
    """NFC, without control and format characters, blanks folded (line ends kept if `newlines`)."""
    kept = "".join(
        c
        for c in unicodedata.normalize("NFC", text)
        if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"} or c == "\n"
    )
    if newlines:
        return "\n".join(_BLANKS.sub(" ", line).strip() for line in kept.split("\n")).strip()
    return _BLANKS.sub(" ", kept).strip()


def phone(text: str) -> str:
    """A mainland mobile number as 11 digits. Raises ValueError if it is not one."""
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text)).removeprefix("+86")
    if not MOBILE_CN.fullmatch(digits):
        raise ValueError("a mobile number has 11 digits and starts with 13 to 19")
    return digits


def masked_phone(digits: str) -> str:
    """The first three and last four digits of a number, stars between."""
    return digits[:3] + "*" * max(0, len(digits) - 7) + digits[-4:]


def prefers_english(accept_language: str) -> bool:
    """Whether an Accept-Language names English before any Chinese; browsers put the best first."""
    heads = [one.strip().lower()[:2] for one in accept_language.split(",")]
    return next((one == "en" for one in heads if one in {"en", "zh"}), False)

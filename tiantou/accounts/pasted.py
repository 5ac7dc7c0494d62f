"""Takes pasted parcel addresses apart: one or many, as people and shops write them. Pure."""

import re
import unicodedata
from typing import NamedTuple

# a number that a platform lends has an extension: it goes to the name, as carriers expect
_PHONE = re.compile(
    r"(?<!\d)(?:\+?86[-\s]?)?(1[3-9]\d[-\s]?\d{4}[-\s]?\d{4})(?:(?:-|转|,\s?)(\d{3,4}))?(?!\d)"
)
_WHO = "收货人姓名|收件人姓名|收货人|收件人|联系人|姓名|昵称"
_LABEL = re.compile(
    rf"(?:{_WHO}|手机号码|联系电话|联系方式|电话号码|手机号|手机|电话|所在地区|所在省市区|所在区域"
    r"|详细地址|收货地址|收件地址|地址|地区|邮编)\s*[::]\s*"
)
_NEW = re.compile(rf"^\s*(?:\d{{1,2}}\s*[、..)]\s*)?(?:{_WHO})\s*[::]")
_NUMBERED = re.compile(r"^\s*(?:[((]?\d{1,2}[))、]|\d{1,2}[..](?!\d))\s*")
_POSTCODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_PLACE = re.compile(r"[省市县区旗州盟镇乡村路街道巷弄号室楼栋幢座单元层组队屯园苑庭城寨庄厦社\d#]")
_WORD = re.compile(r"[\u3400-\u9fffA-Za-z·.\1]{1,20}")
_TITLE = re.compile(r"[((]?收[))]?$")
_LAST_NAME = re.compile(
    r"(?<=[号室楼栋幢座元层户#\d])(?![号室楼栋幢座单元层户组队])[\u3400-\u9fff]{2,4}$"
)
# blanks within a Latin name hold it together
_HELD = "\1"
_LATIN = re.compile(r"(?<=[A-Za-z])[ ]+(?=[A-Za-z])")
_PARTS = re.compile(r"[\s,,;;、|/]+")
PIECES_MAX = 30


class Piece(NamedTuple):
    """One address; what was not understood is empty. `place` still begins with province or city."""

    recipient: str
    phone: str
    place: str


def split(text: str) -> list[Piece]:
    """The addresses of a pasted text, in order, at most PIECES_MAX."""
    clean = unicodedata.normalize("NFKC", text)
    return [_piece(one) for one in _records(clean)][:PIECES_MAX]


def _records(text: str) -> list[str]:
    """The text of each address. A line that begins a new one: after a blank line, with its own
    number, with a label for the person, or with a phone where there is one already.
    """
    records: list[list[str]] = [[]]
    for line in text.split("\n"):
        plain = line.strip()
        now = records[-1]
        told = " ".join(now)
        phones = len(_PHONE.findall(plain))
        begins = bool(now) and (
            (_PHONE.search(told) is not None and (phones > 0 or _whole(told)))
            or (_NEW.match(plain) is not None and _NEW.match(now[0]) is not None)
            or (_NUMBERED.match(plain) is not None and _NUMBERED.match(now[0]) is not None)
        )
        if not plain:
            if _PHONE.search(told):
                records.append([])
            continue
        if begins:
            records.append([])
        records[-1].append(plain)
    made: list[str] = []
    for record in records:
        told = " ".join(
            _NUMBERED.sub("", line) if at == 0 else line for at, line in enumerate(record)
        )
        if made and told and not _PHONE.search(told) and not _names_somebody(told):
            made[-1] += f" {told}"  # the rest of the one before
        elif told:
            made += _on_one_line(told)
    return made


def _whole(told: str) -> bool:
    """Whether person, phone and place are told: the next line is not about them."""
    piece = _piece(told)
    return bool(piece.recipient and piece.phone and re.search(r"[路街道巷弄号村组室]", piece.place))


def _names_somebody(told: str) -> bool:
    """Whether it is an address by itself whose phone is missing."""
    piece = _piece(told)
    return bool(piece.recipient and re.search(r"[省市县区旗州]", piece.place))


def _on_one_line(told: str) -> list[str]:
    """A line with several phones, parted by semicolons, is several addresses."""
    if len(_PHONE.findall(told)) < 2:
        return [told]
    return [part.strip() for part in re.split(r"[;。]", told) if part.strip()]


def _piece(told: str) -> Piece:
    phone = _PHONE.search(told)
    number = re.sub(r"[-\s]", "", phone[1]) if phone else ""
    rest = f"{told[: phone.start()]} \0 {told[phone.end() :]}" if phone else told
    rest = _LATIN.sub(_HELD, _POSTCODE.sub(" ", _LABEL.sub(" ", rest)))
    words = [_TITLE.sub("", word) for word in _PARTS.split(rest)]
    words = [word for word in words if word]
    who = _who(words)
    place = "".join(word for at, word in enumerate(words) if at != who and word != "\0")
    place, recipient = place.replace(_HELD, " "), words[who] if who is not None else ""
    if not recipient and (last := _LAST_NAME.search(place)):
        recipient, place = last[0], place[: last.start()]
    extension = f"[{phone[2]}]" if phone and phone[2] and recipient else ""
    recipient = recipient.replace(_HELD, " ")
    return Piece(f"{recipient}{extension}"[:30], number, place.strip("-:.")[:150])


def _who(words: list[str]) -> int | None:
    """Which word is the person: no place's, beside the phone if there are several; a short one that
    could be a place's only beside the phone.
    """
    at = words.index("\0") if "\0" in words else -9
    plain = [n for n, word in enumerate(words) if word != "\0" and _WORD.fullmatch(word)]
    names = [n for n in plain if not _PLACE.search(words[n]) and len(words[n]) > 1]
    beside = [n for n in names if abs(n - at) == 1]
    short = [n for n in plain if abs(n - at) == 1 and len(words[n]) <= 4]
    return next(iter([*beside[::-1], *names, *short]), None)

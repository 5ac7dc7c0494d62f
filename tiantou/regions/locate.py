"""Which county a pasted address lies in: names are found as people write them, with what they leave
out.

浙江杭州西湖区, 恩施州利川市, 北京朝阳区 and the official names are all found; a county alone only
where one in the country has its name.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tiantou.core.db import Tx
from tiantou.regions.divisions_sql import DivisionView, in_force, version

# what names of autonomous places hold besides the place (peoples of China, GB/T 3304)
_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡"
    "|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|俄罗斯"
    "|鄂温克|德昂|保安|裕固|独龙|鄂伦春|各"
)
_AUTONOMOUS = re.compile(rf"(?:(?:{_PEOPLES})族?)+自治(?:区|州|县|旗)$")
_KIND = re.compile(
    r"(?:特别行政区|自治区|自治州|自治县|自治旗|地区|新区|省|市|区|县|旗|盟|林区|特区)$"
)
_ABBREVIATED = {"内蒙古自治区": "内蒙古"}
HEAD_CHARS = 48
# between two names of one chain stands at most a word such as 市辖区
GAP_MAX = 4


class Located(NamedTuple):
    """The division and where its name ends in the text that was looked at."""

    division: DivisionView
    end: int


class _Names(NamedTuple):
    division: DivisionView
    forms: tuple[str, ...]
    above: tuple[tuple[str, ...], ...]


def short(name: str) -> str:
    """A name without what it is: 恩施 for 恩施土家族苗族自治州. At least two signs are left."""
    if name in _ABBREVIATED:
        return _ABBREVIATED[name]
    plain = _AUTONOMOUS.sub("", name)
    plain = plain if plain != name else _KIND.sub("", name)
    return plain if len(plain) > 1 else name


def _forms(one: DivisionView) -> tuple[str, ...]:
    """As it is written, the longest first."""
    brief = short(one.name)
    made = {one.name, brief}
    if one.name.endswith("自治州"):
        made.add(f"{brief}州")
    if one.name.endswith(("自治县", "自治旗")):
        made.add(f"{brief}{one.name[-1]}")
    return tuple(sorted(made, key=len, reverse=True))


class Gazetteer:
    """The divisions in force, ready to be looked for."""

    def __init__(self, divisions: Iterable[DivisionView]) -> None:
        by_code = {one.code: one for one in divisions}
        self._leaves = []
        counts: dict[str, int] = {}
        for one in by_code.values():
            if not one.leaf:
                continue
            above, parent = [], by_code.get(one.parent or "")
            while parent is not None:
                above.append(_forms(parent))
                parent = by_code.get(parent.parent or "")
            self._leaves.append(_Names(one, _forms(one), tuple(above)))
            counts[one.name] = counts.get(one.name, 0) + 1
        self._alone = {name for name, count in counts.items() if count == 1 and len(name) > 2}

    def locate(self, text: str) -> Located | None:
        """The county that the beginning of `text` names, None if it names none for sure."""
        head = text[:HEAD_CHARS]
        best: tuple[int, int, int, Located] | None = None
        for one in self._leaves:
            found = self._found(one, head)
            if found is not None and (best is None or found[:3] > best[:3]):
                best = found
        return best[3] if best else None

    def _found(self, one: _Names, head: str) -> tuple[int, int, int, Located] | None:
        """How sure it is: names that were found, their signs, and that it stands early."""
        for form in one.forms:
            at = head.find(form)
            while at >= 0:
                levels, signs = _above(one.above, head, at)
                alone = form == one.division.name and form in self._alone and at == 0
                if levels or alone:
                    sure = (levels + 1, signs + len(form), -at)
                    return (*sure, Located(one.division, at + len(form)))
                at = head.find(form, at + 1)
        return None


def _above(above: Sequence[tuple[str, ...]], head: str, before: int) -> tuple[int, int]:
    """How many names of the chain above stand right before, and how many signs they have."""
    levels = signs = 0
    for forms in above:
        for form in forms:
            at = head.rfind(form, 0, before)
            if at >= 0 and before - (at + len(form)) <= GAP_MAX:
                levels, signs, before = levels + 1, signs + len(form), at
                break
    return levels, signs


_kept: dict[str, Gazetteer] = {}


async def gazetteer(tx: Tx) -> Gazetteer:
    """That of the facts which are loaded; made once a version and process."""
    loaded = await version(tx)
    if loaded not in _kept:
        made = Gazetteer(await in_force(tx))
        _kept.clear()
        _kept[loaded] = made
    return _kept[loaded]

"""The unified social credit code of GB 32100-2015: 18 signs, the last one a check sign."""

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18


def check_sign(first: str) -> str:
    """The check sign of the first 17 signs: weights are the powers of 3 modulo 31.

    Raises ValueError on a sign that the standard leaves out (I, O, S, V, Z).
    """
    total = sum(SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(first))
    return SIGNS[-total % 31]


def registration_code(text: str) -> str:
    """The code in capitals, without blanks and hyphens. Raises ValueError if it is none."""
    code = "".join(text.split()).replace("-", "").upper()
    if len(code) != LENGTH or any(sign not in SIGNS for sign in code):
        raise ValueError("a unified social credit code has 18 signs")
    if not code[2:8].isdigit():
        raise ValueError("signs 3 to 8 are a division's code")
    if check_sign(code[:17]) != code[17]:
        raise ValueError("the check sign does not fit")
    return code

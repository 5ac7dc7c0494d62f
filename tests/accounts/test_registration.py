"""The unified social credit code and its check sign."""

import pytest

from tiantou.accounts.registration import check_sign, registration_code

# the example of the standard
EXAMPLE = "91350100M000100Y43"


def test_the_standards_own_example_passes() -> None:
    code = EXAMPLE
    assert check_sign(code[:17]) == code[17]
    assert registration_code(code.lower()) == code
    assert registration_code(f"{code[:6]} {code[6:12]}-{code[12:]}") == code


def test_every_single_mistyped_sign_is_found() -> None:
    code = EXAMPLE
    for place in range(18):
        wrong = "7" if code[place] != "7" else "8"
        with pytest.raises(ValueError):
            registration_code(code[:place] + wrong + code[place + 1 :])


@pytest.mark.parametrize("code", ["", "91350100M000100Y4", "91350100M000100I43", "x" * 18])
def test_what_is_not_of_the_form_is_refused(code: str) -> None:
    with pytest.raises(ValueError):
        registration_code(code)

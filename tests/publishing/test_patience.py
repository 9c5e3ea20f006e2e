"""patience: whose error it is, and what is said about it."""

import pytest

from builders.errors import BuildError
from builders.publishing import patience

HUB = "https://hub"


def test_an_error_that_is_not_the_hub_s_stays_what_it_is() -> None:
    """Its text may quote a row."""
    with pytest.raises(ValueError, match=r"^something else$"), patience.told(HUB):
        raise ValueError("something else")
    with pytest.raises(KeyError), patience.told(HUB):
        raise KeyError("Invalid metadata in README.md.")


def test_a_card_that_is_refused_is_one_line() -> None:
    with pytest.raises(BuildError) as caught, patience.told(HUB):
        raise ValueError("Invalid metadata in README.md.\n- license is none\n" + "x" * 200)
    what = ("- license is none " + "x" * 200)[:120]
    line = f"{HUB}: the Hub refuses the card's front matter: {what}; fix what it is made from, and report it as a bug"
    assert str(caught.value) == line

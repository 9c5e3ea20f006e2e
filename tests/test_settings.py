"""What params may say is what somebody has read: a bound that moves shows in tests/data/settings.txt."""

from typing import Literal

from pydantic import Field

from builders.sources.section import Section
from tests import settings


class Toy(Section):
    """A section with a setting of each kind."""

    share: float = Field(ge=0, lt=1)
    names: list[Literal["a", "b"]] = Field(min_length=1)
    seed: int = 7
    text: str


def test_a_setting_is_told_with_its_bounds_and_what_it_is_if_left_out() -> None:
    assert [settings.line(field) for field in Toy.model_fields.values()] == [
        "Ge(ge=0) Lt(lt=1)",
        "Literal['a', 'b'] MinLen(min_length=1)",
        "or 7",
        "given",
    ]


def test_what_params_may_say_was_meant() -> None:
    """Where it was: python -m tests.settings."""
    known = settings.FILE.read_text(encoding="utf-8").splitlines()
    assert settings.described() == known

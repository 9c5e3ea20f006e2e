"""The published list of benchmarks that training data is kept apart from: `benchmarks.json` beside this module.

It holds no data: ids, revisions, files and columns of sets on the Hub, each in the form of an `EvaluationSet`, and the
configs of our own benchmark families. Every release has a copy of it. A revision of null was not looked up yet.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from builders.sources.tables import EvaluationSet

FILE = Path(__file__).with_name("benchmarks.json")


class Listed(EvaluationSet):
    """A set of the list.

    Args:
        name: see `EvaluationSet`, as are the keys that are not named here.
        about: what it measures, in a few words.
        access: whether whoever wants it must accept terms first.
    """

    about: str = Field(min_length=1)
    access: Literal["open", "gated"]

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"evaluation set {self.name} of builders/sources/benchmarks/{FILE.name}"


class Own(BaseModel):
    """Configs of a family of ours that models are measured with.

    Args:
        family: its name.
        configs: those of its configs.
        columns: the columns in which near copies are looked for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    family: str
    configs: list[str] = Field(min_length=1)
    columns: list[str] = Field(min_length=1)


class Benchmarks(BaseModel):
    """The whole list.

    Args:
        about: what it is, in words.
        sets: those on the Hub.
        own: those of our own families.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    about: str
    sets: Annotated[list[Listed], Field(min_length=1)]
    own: list[Own]


@cache
def every() -> Benchmarks:
    """Return the list."""
    return Benchmarks.model_validate(orjson.loads(FILE.read_bytes()))


def names() -> list[str]:
    """Return the names of the sets on the Hub."""
    return [table.name for table in every().sets]


def named(name: str) -> Listed:
    """Return the set of a name.

    Raises:
        KeyError: the list does not have it.
    """
    return {table.name: table for table in every().sets}[name]

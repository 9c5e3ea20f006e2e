"""What a family can do besides being built, as types: be exported, measure its models, prove its tasks.

A family's module `exports` ends with `STAGE = Exporting(…)`, `calibration` with `STAGE = Calibrating(…)` and `validation` with
`STAGE = Proving(…)`. One that cannot do it has no such module.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from builders.contracts import Row
from builders.texts.messages import Exchange


@dataclass(frozen=True, kw_only=True)
class Exporting:
    """What a row is as an exchange of messages.

    Args:
        exchange: returns request and reply of a released row.
        columns: the family's columns that go with them.
    """

    exchange: Callable[[Row], Exchange]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Calibrating:
    """How a family measures what its stages have to know of its models.

    Args:
        run: prints or writes it, given the family, a file of labelled rows or None, and the least precision wanted.
    """

    run: Callable[[str, Path | None, float | None], None]


@dataclass(frozen=True, kw_only=True)
class Proving:
    """How the family's tasks are proved in a sandbox.

    Args:
        run: proves them and writes the proofs, given the family and a folder of scripts, or None for the usual one.
    """

    run: Callable[[str, Path | None], None]

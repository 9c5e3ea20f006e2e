"""Values with their units, as a text writes them."""

from builders.problems import numbers
from builders.problems.numbers import Number

COUNTED = frozenset({"square units", "sectors", "marbles"})
"""Units that are words, of which there may be one."""


class Unfit(Exception):  # noqa: N818 — not an error: the numbers drawn make no good problem, others will
    """These numbers make no problem: degenerate, ambiguous, ugly; the engine draws others."""


def quantity(value: Number, unit: str) -> str:
    """Write a value with its unit: `65°`, `12π cm²`, `$4.50`."""
    if unit == "$":
        return money(value)
    text = numbers.shown(value)
    if value == 1:
        unit = unit.removesuffix("s") if unit in COUNTED else unit
    if unit and (" + " in text or " − " in text):
        text = f"({text})"
    return f"{text}{unit}" if unit in {"°", "%", ""} else f"{text} {unit}"


def money(value: Number) -> str:
    """Write dollars: `$12`, `$4.50`."""
    cents = value * 100
    if getattr(cents, "denominator", 0) != 1:
        message = f"{value} dollars cannot be paid"
        raise Unfit(message)
    whole, rest = divmod(abs(int(cents)), 100)
    return f"{'−' if value < 0 else ''}${whole}" + (f".{rest:02d}" if rest else "")

"""What an answer can be, once it is read."""

from fractions import Fraction
from typing import Literal, NamedTuple

from builders.answers import units
from builders.answers.values import Value


class Quantity(NamedTuple):
    """A number or an expression, and what it counts.

    Args:
        values: its value, or its values at the fixed points if it has variables.
        variables: their names.
        places: digits after the decimal point, if it is written as a decimal number.
        unit: what stands beside it, if anything does.
        text: the expression in the plain notation.
    """

    values: tuple[Value, ...]
    variables: frozenset[str]
    places: int | None
    unit: units.Unit | None
    text: str


class Choice(NamedTuple):
    """The letter of an option, with what the option says if that was given too."""

    letter: str
    content: "Form | None"


class Series(NamedTuple):
    """Several answers: in brackets, in set braces, in a matrix, joined by union, or in a bare list."""

    kind: Literal["bracketed", "set", "matrix", "union", "list"]
    opening: str
    closing: str
    items: tuple["Form", ...]


class Ratio(NamedTuple):
    """Numbers in proportion, 2:3 or 1:2:3."""

    items: tuple[Quantity, ...]


class Clock(NamedTuple):
    """A time of day; without `half` it may be in the morning or in the afternoon."""

    hour: int
    minute: int
    half: Literal["am", "pm"] | None


class Relation(NamedTuple):
    """An equation or inequality; `name` stands on one side alone, `answer` on the other, where it is of that kind."""

    name: str
    answer: "Form | None"
    operators: tuple[str, ...]
    sides: tuple["Form", ...]


class Words(NamedTuple):
    """Anything else: words in lower case without articles and punctuation."""

    words: tuple[str, ...]


Form = Quantity | Choice | Series | Ratio | Clock | Relation | Words


class Finding(NamedTuple):
    """Whether two forms are equivalent, and by which rule."""

    equivalent: bool
    route: str


def shown(form: Form) -> str:  # noqa: PLR0911 - one case for each kind
    """Return a form in one line, for evidence."""
    match form:
        case Quantity():
            return _quantity(form)
        case Choice():
            return f"option {form.letter}" + (f": {shown(form.content)}" if form.content else "")
        case Series():
            joint = " or " if form.kind == "union" else ", "
            return form.kind + " " + form.opening + joint.join(map(shown, form.items)) + form.closing
        case Ratio():
            return " : ".join(map(shown, form.items))
        case Clock():
            return f"{form.hour}:{form.minute:02d}" + (f" {form.half}" if form.half else "")
        case Relation():
            sides = [shown(side) for side in form.sides]
            return sides[0] + "".join(f" {operator} {side}" for operator, side in zip(form.operators, sides[1:], strict=True))
        case Words():
            return " ".join(form.words)


def plain_notation(form: Form) -> str:
    """Return a form as it was written, in the plain notation without blanks."""
    match form:
        case Quantity():
            unit = units.shown(form.unit) if form.unit else ""
            return "".join(form.text.split()) + unit
        case Series():
            return form.opening + ",".join(map(plain_notation, form.items)) + form.closing
        case Ratio():
            return ":".join(map(plain_notation, form.items))
        case Relation():
            return "".join(
                f"{side}{operator}"
                for side, operator in zip(map(plain_notation, form.sides), (*form.operators, ""), strict=True)
            )
        case _:
            return shown(form)


def _quantity(form: Quantity) -> str:
    [first, *others] = form.values
    if others or form.variables:
        number = form.text
    elif isinstance(first, Fraction):
        number = str(first) if first.numerator.bit_length() + first.denominator.bit_length() < 1024 else form.text  # noqa: PLR2004
    else:
        number = f"{first.real:.12g}" if abs(first.imag) < abs(first) * 1e-12 else f"{first:.12g}"
    if form.unit is None:
        return number
    return f"{number} {units.shown(form.unit)}".strip() + (f" x {form.unit.factor}" if form.unit.factor != 1 else "")

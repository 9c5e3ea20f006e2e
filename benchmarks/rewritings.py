r"""Answers written another way: what `benchmarks.answers` tries the checker with.

Nothing here imports the checker. A rewriting is made by substitution in the text or by exact arithmetic on numbers found by
plain patterns, so that a wrong notion in the checker cannot be in both. A function returns None where it does not apply.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

Rewriting = Callable[[str], str | None]

INTEGER = re.compile(r"-?\d+")
DECIMAL = re.compile(r"-?\d+\.\d+")
_FRACTION = re.compile(r"(-?)\\[dt]?frac\{(\d+)\}\{(\d+)\}")
_SLASHED = re.compile(r"(-?)(\d+)/(\d+)")
UNIT = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:\\text\s*\{\s*|\\mbox\s*\{\s*)?([A-Za-z]{1,12})\.?\s*\}?")
TUPLE = re.compile(r"\(\s*(?:\\left)?([^(),]+(?:,[^(),]+)+)\)")
LIST = re.compile(r"(?!.*,\s*(?:\\!\s*)?\d{3}(?!\d))[^()\[\]{},a-z$]+(?:,[^()\[\]{},a-z$]+)+")
DEGREES = re.compile(r"(\d+)\s*\^\{?\\circ\}?")
PERCENT = re.compile(r"([\d.]+)\s*\\?%")
DOLLARS = re.compile(r"\\?\$\s*([\d.,]+)")
_TERM = re.compile(r"[+-]?[^+-]+")
MATRIX = re.compile(r"(\\begin\{pmatrix\})(.*)(\\end\{pmatrix\})", re.DOTALL)
_WORDS = re.compile(r"(?:\\text\{\s*)?([A-Za-z]{3,}(?: [A-Za-z]+)*)\s*\}?")
RATIO = re.compile(r"(\d+)\s*:\s*(\d+)")
_BASED = re.compile(r"(\d+)_\{?(\d{1,2})\}?")
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_PARTS = {3: "third", 4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth", 9: "ninth", 10: "tenth", 12: "twelfth"}
_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


class Spelling(NamedTuple):
    """A unit written otherwise, the unit above it and how many make one of that, and another that it must not be taken for."""

    other: str
    above: str | None = None
    size: Fraction = Fraction(1)
    wrong: str | None = None


SPELLED = {
    "cm": Spelling("centimeters", "m", Fraction(100), "m"),
    "m": Spelling("meters", "km", Fraction(1000), "cm"),
    "mm": Spelling("millimeters", "cm", Fraction(10), "cm"),
    "km": Spelling("kilometers", wrong="m"),
    "miles": Spelling("mi", wrong="km"),
    "inches": Spelling("in", "feet", Fraction(12), "feet"),
    "feet": Spelling("ft", "yards", Fraction(3), "inches"),
    "kg": Spelling("kilograms", "tonnes", Fraction(1000), "g"),
    "g": Spelling("grams", "kg", Fraction(1000), "kg"),
    "s": Spelling("sec", wrong="min"),
    "sec": Spelling("seconds", wrong="min"),
    "seconds": Spelling("sec", "minutes", Fraction(60), "minutes"),
    "min": Spelling("minutes", "hours", Fraction(60), "sec"),
    "minutes": Spelling("min", "hours", Fraction(60), "hours"),
    "hr": Spelling("hours", "minutes", Fraction(1, 60), "min"),
    "hrs": Spelling("hours", "minutes", Fraction(1, 60), "min"),
    "hours": Spelling("hr", "days", Fraction(24), "minutes"),
    "days": Spelling("day", "weeks", Fraction(7), "weeks"),
    "litres": Spelling("L", wrong="ml"),
    "liters": Spelling("litres", wrong="ml"),
    "cents": Spelling("cent", "dollars", Fraction(100), "dollars"),
    "units": Spelling("unit"),
    "degrees": Spelling("degree"),
}


def matched(pattern: re.Pattern[str], make: Callable[[re.Match[str]], str | None]) -> Rewriting:
    """Return a rewriting of texts that a pattern matches as a whole."""

    def rewritten(text: str) -> str | None:
        match = pattern.fullmatch(text.strip())
        return make(match) if match else None

    return rewritten


def integer(make: Callable[[int], str | None]) -> Rewriting:
    """Return a rewriting of integers."""
    return matched(INTEGER, lambda match: make(int(match[0])))


def rational(make: Callable[[Fraction], str | None]) -> Rewriting:
    """Return a rewriting of fractions with whole numbers."""

    def rewritten(text: str) -> str | None:
        match = _FRACTION.fullmatch(text.strip()) or _SLASHED.fullmatch(text.strip())
        return make(Fraction(int(f"{match[1]}{match[2]}"), int(match[3]))) if match and int(match[3]) > 1 else None

    return rewritten


def decimal(number: Fraction) -> str | None:
    """Return a number as a decimal of at most six places; None if it has none."""
    for places in range(1, 7):
        scaled = number * 10**places
        if scaled.denominator == 1:
            digits = str(abs(scaled.numerator)).zfill(places + 1)
            return f"{'-' if number < 0 else ''}{digits[:-places]}.{digits[-places:]}"
    return None


def _mixed(number: Fraction) -> str | None:
    whole, rest = divmod(abs(number.numerator), number.denominator)
    return f"{'-' if number < 0 else ''}{whole} {rest}/{number.denominator}" if whole and rest else None


def _mixed_latex(number: Fraction) -> str | None:
    whole, rest = divmod(abs(number.numerator), number.denominator)
    return rf"{'-' if number < 0 else ''}{whole}\frac{{{rest}}}{{{number.denominator}}}" if whole and rest else None


def _tfrac(number: Fraction) -> str:
    sign = "-" if number < 0 else ""
    return rf"{sign}\tfrac{{{abs(number.numerator)}}}{{{number.denominator}}}"


def _grouped(separator: str) -> Callable[[int], str | None]:
    return lambda number: f"{number:,}".replace(",", separator) if abs(number) >= 1000 else None  # noqa: PLR2004


def _respelled(match: re.Match[str]) -> str | None:
    return f"{match[1]} {SPELLED[match[2]].other}" if match[2] in SPELLED else None


def _converted(match: re.Match[str]) -> str | None:
    unit = SPELLED.get(match[2])
    converted = shown(Fraction(match[1]) / unit.size) if unit and unit.above else None
    return f"{converted} {unit.above}" if unit and converted else None


def shown(number: Fraction) -> str | None:
    """Return a number as an integer or a decimal; None if it is neither."""
    return str(number.numerator) if number.denominator == 1 else decimal(number)


def _plain_roots(text: str) -> str | None:
    if not re.fullmatch(r"[-+\d\s\\{}a-z^()]*", text) or "\\sqrt" not in text or "frac" in text:
        return None
    return re.sub(r"\\sqrt\s*(?:\{([^{}]*)\}|(\d))", lambda match: f"sqrt({match[1] or match[2]})", text).replace("\\pi", "pi")


def _unicode(text: str) -> str | None:
    changed = (
        re.sub(r"\\sqrt\s*\{(\d+)\}", r"√\1", text).replace("\\pi", "π").replace("\\infty", "∞").replace("\\cup", "\u222a")
    )
    changed = changed.replace("^\\circ", "°").replace("^{\\circ}", "°").replace("\\cdot", "·")
    return changed if changed != text and "\\" not in changed else None


def terms(text: str) -> list[str] | None:
    """Return the terms of a sum, each with its sign; None if the text is no plain sum."""
    if (
        not re.fullmatch(r"[^(),=<>\[\]&:%$]+", text)
        or "\\text" in text
        or "begin" in text
        or "frac" in text
        or "^{" in text
        or re.search(r"(?<!\\)\b[a-z]{3}|mathrm|\^-|[a-z]{5}", text)
    ):
        return None
    terms = _TERM.findall(text.replace(" ", "").replace("\\sqrt", "\\sqrt "))
    return terms if len(terms) > 1 and not re.search(r"\{[^}]*[+-]", text) else None


def _reordered(text: str) -> str | None:
    found = terms(text)
    if not found:
        return None
    return "".join(term if term[0] in "+-" else f"+{term}" for term in reversed(found)).removeprefix("+")


def parts(match: re.Match[str]) -> list[str]:
    """Return the parts of a tuple."""
    return [part.strip() for part in match[1].split(",")]


def _without_latex(text: str) -> str | None:
    match = re.fullmatch(r"(.*?)\s*\\(?:text|mbox)\{([^{}]*)\}", text)
    return f"{match[1]} {match[2].strip()}" if match and "\\" not in match[1] and match[1].strip() else None


def _joined(match: re.Match[str]) -> str | None:
    return " and ".join(part.strip() for part in match[0].split(",")) if match[0].count(",") == 1 else None


def spoken(number: int, joint: str = " ") -> str:
    """Return a number below a thousand millions in words, with a joint behind hundreds."""
    for size, name in ((10**6, "million"), (1000, "thousand")):
        if number >= size:
            rest = f" {spoken(number % size, joint)}" if number % size else ""
            return f"{spoken(number // size, joint)} {name}{rest}"
    if number >= 100:  # noqa: PLR2004
        return f"{_NAMES[number // 100]} hundred" + (f"{joint}{spoken(number % 100)}" if number % 100 else "")
    if number < len(_NAMES):
        return _NAMES[number]
    if number < 20:  # noqa: PLR2004
        return _TEENS[number - 10]
    return _TENS[number // 10] + (f"-{_NAMES[number % 10]}" if number % 10 else "")


def in_words(number: int, joint: str) -> str | None:
    """Return a number from thirteen on in words, negative ones too."""
    return f"{'negative ' if number < 0 else ''}{spoken(abs(number), joint)}" if 13 <= abs(number) < 10**9 else None  # noqa: PLR2004


def _part_in_words(number: Fraction) -> str | None:
    part = _PARTS.get(number.denominator)
    if not part or not 0 < number.numerator < len(_NAMES):
        return None
    return f"{_NAMES[number.numerator]} {part}{'s' if number.numerator > 1 else ''}"


def _dozens(number: int) -> str | None:
    return f"{number // 12} dozen" if number > 0 and number % 12 == 0 else None


def _over(text: str) -> str | None:
    changed = _FRACTION.sub(r"\1{\2 \\over \3}", text)
    return changed if changed != text else None


def _of_ratio(match: re.Match[str], times: int) -> str:
    return f"{times * int(match[1])}:{times * int(match[2])}"


def _base_in_words(match: re.Match[str]) -> str | None:
    return rf"{match[1]}_{{\text{{{spoken(int(match[2]))}}}}}"


REWRITINGS: dict[str, Rewriting] = {
    "boxed": lambda text: rf"$\boxed{{{text}}}$",
    "in a sentence": lambda text: f"The answer is {text}." if "\\" not in text else f"The answer is ${text}$.",
    "bold": lambda text: f"**{text}**" if "\\" not in text else None,
    "1,234": integer(_grouped(",")),
    "1{,}234": integer(_grouped("{,}")),
    r"1\,234": integer(_grouped(r"\,")),
    "n.00": integer(lambda number: f"{number}.00"),
    "2n/2": integer(lambda number: f"{2 * number}/2"),
    "x = n": integer(lambda number: f"x = {number}"),
    "unit added": integer(lambda number: f"{number} cm"),
    "noun added": integer(lambda number: f"{number} marbles"),
    "dollars added": integer(lambda number: f"${number}" if number > 0 else None),
    "in words": integer(lambda number: _NAMES[number] if 0 <= number < len(_NAMES) else None),
    "a trailing zero": matched(DECIMAL, lambda match: f"{match[0]}0"),
    "decimal as a fraction": matched(DECIMAL, lambda match: str(Fraction(match[0]))),
    "a/b": rational(str),
    r"\tfrac": rational(_tfrac),
    "3a/3b": rational(lambda number: f"{3 * number.numerator}/{3 * number.denominator}"),
    "fraction as a decimal": rational(decimal),
    "mixed number": rational(_mixed),
    "mixed number in LaTeX": rational(_mixed_latex),
    "roots in plain text": _plain_roots,
    "Unicode": _unicode,
    "terms in another order": _reordered,
    r"\left( \right)": matched(TUPLE, lambda match: rf"\left({','.join(parts(match))}\right)"),
    "list in another order": matched(LIST, lambda match: ", ".join(reversed(re.split(r"\s*,\s*", match[0])))),
    "list with and": matched(LIST, _joined),
    "matrix with blanks": matched(MATRIX, lambda match: f"{match[1]}{match[2].replace('&', ' &  ')} {match[3]}"),
    "unit left out": matched(UNIT, lambda match: match[1] if match[2] in SPELLED else None),
    "unit spelled otherwise": matched(UNIT, _respelled),
    "unit converted": matched(UNIT, _converted),
    r"without \text": _without_latex,
    "$ as dollars": matched(DOLLARS, lambda match: f"{match[1]} dollars"),
    "% as percent": matched(PERCENT, lambda match: f"{match[1]} percent"),
    "degrees in words": matched(DEGREES, lambda match: f"{match[1]} degrees"),
    "degrees left out": matched(DEGREES, lambda match: match[1]),
    "other case": matched(_WORDS, lambda match: match[1].swapcase()),
    "#### n": lambda text: f"#### {text}" if "\n" not in text else None,
    "sum and #### n": integer(lambda number: f"{number - 1} + 1 = <<{number - 1}+1={number}>>{number}\n#### {number}"),
    "**Final Answer:** n": lambda text: f"**Final Answer:** {text}",
    "**Answer**: n": lambda text: f"**Answer**: {text}",
    r"\over": _over,
    "from thirteen on in words": integer(lambda number: in_words(number, " ")),
    "in words with and": integer(lambda number: in_words(number, " and ") if abs(number) > 100 else None),  # noqa: PLR2004
    "words and a noun": integer(lambda number: f"{in_words(number, ' ')} marbles" if in_words(number, " ") else None),
    "fraction in words": rational(_part_in_words),
    "noun in brackets": integer(lambda number: f"{number} (marbles)"),
    "noun with a hyphen": integer(lambda number: f"{number} three-pointers"),
    "noun of two letters": integer(lambda number: f"{number} GB"),
    "dozens": integer(_dozens),
    "n_{base}": matched(_BASED, lambda match: f"{match[1]}_{{{match[2]}}}"),
    "base in words": matched(_BASED, _base_in_words),
    "ratio times two": matched(RATIO, lambda match: _of_ratio(match, 2)),
    "ratio with to": matched(RATIO, lambda match: f"{match[1]} to {match[2]}"),
    "article and stop": matched(_WORDS, lambda match: f"the {match[1]}."),
}  # fmt: skip
"""Ways to write an answer otherwise."""

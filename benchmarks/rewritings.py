r"""Answers written another way, and answers that are nearly right: what `benchmarks.answers` tries the checker with.

Nothing here imports the checker. A rewriting is made by substitution in the text or by exact arithmetic on numbers found by
plain patterns, so that a wrong notion in the checker cannot be in both. A function returns None where it does not apply.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

Rewriting = Callable[[str], str | None]

_INTEGER = re.compile(r"-?\d+")
_DECIMAL = re.compile(r"-?\d+\.\d+")
_FRACTION = re.compile(r"(-?)\\[dt]?frac\{(\d+)\}\{(\d+)\}")
_SLASHED = re.compile(r"(-?)(\d+)/(\d+)")
_UNIT = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:\\text\s*\{\s*|\\mbox\s*\{\s*)?([A-Za-z]{1,12})\.?\s*\}?")
_TUPLE = re.compile(r"\(\s*(?:\\left)?([^(),]+(?:,[^(),]+)+)\)")
_INTERVAL = re.compile(r"([\[(])([^\[\](),]+),([^\[\](),]+)([\])])")
_LIST = re.compile(r"(?!.*,\s*(?:\\!\s*)?\d{3}(?!\d))[^()\[\]{},a-z$]+(?:,[^()\[\]{},a-z$]+)+")
_POLYNOMIAL = re.compile(r"[-+\d x^{}]*x[-+\d x^{}]*")
_TERM = re.compile(r"[+-]?[^+-]+")
_MATRIX = re.compile(r"(\\begin\{pmatrix\})(.*)(\\end\{pmatrix\})", re.DOTALL)
_WORDS = re.compile(r"(?:\\text\{\s*)?([A-Za-z]{3,}(?: [A-Za-z]+)*)\s*\}?")
_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


class Spelling(NamedTuple):
    """A unit written otherwise, the unit above it and how many make one of that, and another that it must not be taken for."""

    other: str
    above: str | None = None
    size: Fraction = Fraction(1)
    wrong: str | None = None


_SPELLED = {
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


def _matched(pattern: re.Pattern[str], make: Callable[[re.Match[str]], str | None]) -> Rewriting:
    def rewritten(text: str) -> str | None:
        match = pattern.fullmatch(text.strip())
        return make(match) if match else None

    return rewritten


def _integer(make: Callable[[int], str | None]) -> Rewriting:
    return _matched(_INTEGER, lambda match: make(int(match[0])))


def _rational(make: Callable[[Fraction], str | None]) -> Rewriting:
    def rewritten(text: str) -> str | None:
        match = _FRACTION.fullmatch(text.strip()) or _SLASHED.fullmatch(text.strip())
        return make(Fraction(int(f"{match[1]}{match[2]}"), int(match[3]))) if match and int(match[3]) > 1 else None

    return rewritten


def _decimal(number: Fraction) -> str | None:
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


def _truncated(number: Fraction) -> str | None:
    if _decimal(number) is not None:
        return None
    hundredths = abs(number.numerator) * 100 // number.denominator
    return f"{'-' if number < 0 else ''}{hundredths // 100}.{hundredths % 100:02d}"


def _grouped(separator: str) -> Callable[[int], str | None]:
    return lambda number: f"{number:,}".replace(",", separator) if abs(number) >= 1000 else None  # noqa: PLR2004


def _respelled(match: re.Match[str]) -> str | None:
    return f"{match[1]} {_SPELLED[match[2]].other}" if match[2] in _SPELLED else None


def _converted(match: re.Match[str]) -> str | None:
    unit = _SPELLED.get(match[2])
    shown = _shown(Fraction(match[1]) / unit.size) if unit and unit.above else None
    return f"{shown} {unit.above}" if unit and shown else None


def _wrongly_converted(match: re.Match[str]) -> str | None:
    unit = _SPELLED.get(match[2])
    return f"{_shown(Fraction(match[1]) * unit.size)} {unit.above}" if unit and unit.above and Fraction(match[1]) else None


def _mistaken(match: re.Match[str]) -> str | None:
    unit = _SPELLED.get(match[2])
    return f"{match[1]} {unit.wrong}" if unit and unit.wrong and Fraction(match[1]) else None


def _shown(number: Fraction) -> str | None:
    return str(number.numerator) if number.denominator == 1 else _decimal(number)


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


def _terms(text: str) -> list[str] | None:
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
    terms = _terms(text)
    if not terms:
        return None
    return "".join(term if term[0] in "+-" else f"+{term}" for term in reversed(terms)).removeprefix("+")


def _sign_flipped(text: str) -> str | None:
    terms = _terms(text)
    if not terms:
        return None
    last = terms[-1]
    return "".join(terms[:-1]) + {"+": "-", "-": "+"}[last[0]] + last[1:]


def _parts(match: re.Match[str]) -> list[str]:
    return [part.strip() for part in match[1].split(",")]


def _swapped(match: re.Match[str]) -> str | None:
    parts = _parts(match)
    return f"({', '.join([parts[1], parts[0], *parts[2:]])})" if parts[0] != parts[1] else None


def _bumped(match: re.Match[str]) -> str | None:
    parts = _parts(match)
    return f"({', '.join([*parts[:-1], str(int(parts[-1]) + 1)])})" if _INTEGER.fullmatch(parts[-1]) else None


def _other_brackets(match: re.Match[str]) -> str:
    opening = {"(": "[", "[": "("}[match[1]]
    return f"{opening}{match[2]},{match[3]}{match[4]}"


def _ends_swapped(match: re.Match[str]) -> str:
    return f"{match[1]}{match[3].strip()}, {match[2].strip()}{match[4]}"


def _exponent_up(text: str) -> str | None:
    changed = re.sub(r"x\^(\d)(?!\d)", lambda match: f"x^{int(match[1]) + 1}", text, count=1)
    return changed if changed != text else None


def _number_up(pattern: str) -> Rewriting:
    def rewritten(text: str) -> str | None:
        match = re.search(pattern, text)
        return f"{text[: match.start(1)]}{int(match[1]) + 1}{text[match.end(1) :]}" if match else None

    return rewritten


def _without_latex(text: str) -> str | None:
    match = re.fullmatch(r"(.*?)\s*\\(?:text|mbox)\{([^{}]*)\}", text)
    return f"{match[1]} {match[2].strip()}" if match and "\\" not in match[1] and match[1].strip() else None


def _minus(text: str) -> str | None:
    """Change the sign of the one term there is, unless it is nought."""
    if not re.fullmatch(r"-?(\d|\\[dt]?frac).*", text) or re.search(r"[,+=<>:]|.-", text) or not re.search(r"[1-9]", text):
        return None
    return text[1:] if text.startswith("-") else f"-{text}"


def _digits_swapped(number: int) -> str | None:
    digits = str(number)
    return f"{digits[:-2]}{digits[-1]}{digits[-2]}" if number > 9 and digits[-1] != digits[-2] else None  # noqa: PLR2004


def _cut(match: re.Match[str]) -> str | None:
    return match[0][:-1] if match[0][-1] != "0" and len(match[0].split(".")[1]) > 1 else None


def _joined(match: re.Match[str]) -> str | None:
    return " and ".join(part.strip() for part in match[0].split(",")) if match[0].count(",") == 1 else None


def _entry_up(match: re.Match[str]) -> str | None:
    changed, count = re.subn(r"-?\d+", lambda found: str(int(found[0]) + 1), match[2], count=1)
    return f"{match[1]}{changed}{match[3]}" if count else None


_DEGREES = re.compile(r"(\d+)\s*\^\{?\\circ\}?")
_PERCENT = re.compile(r"([\d.]+)\s*\\?%")
_DOLLARS = re.compile(r"\\?\$\s*([\d.,]+)")


REWRITINGS: dict[str, Rewriting] = {
    "boxed": lambda text: rf"$\boxed{{{text}}}$",
    "in a sentence": lambda text: f"The answer is {text}." if "\\" not in text else f"The answer is ${text}$.",
    "bold": lambda text: f"**{text}**" if "\\" not in text else None,
    "1,234": _integer(_grouped(",")),
    "1{,}234": _integer(_grouped("{,}")),
    r"1\,234": _integer(_grouped(r"\,")),
    "n.00": _integer(lambda number: f"{number}.00"),
    "2n/2": _integer(lambda number: f"{2 * number}/2"),
    "x = n": _integer(lambda number: f"x = {number}"),
    "unit added": _integer(lambda number: f"{number} cm"),
    "noun added": _integer(lambda number: f"{number} marbles"),
    "dollars added": _integer(lambda number: f"${number}" if number > 0 else None),
    "in words": _integer(lambda number: _NAMES[number] if 0 <= number < len(_NAMES) else None),
    "a trailing zero": _matched(_DECIMAL, lambda match: f"{match[0]}0"),
    "decimal as a fraction": _matched(_DECIMAL, lambda match: str(Fraction(match[0]))),
    "a/b": _rational(str),
    r"\tfrac": _rational(_tfrac),
    "3a/3b": _rational(lambda number: f"{3 * number.numerator}/{3 * number.denominator}"),
    "fraction as a decimal": _rational(_decimal),
    "mixed number": _rational(_mixed),
    "mixed number in LaTeX": _rational(_mixed_latex),
    "roots in plain text": _plain_roots,
    "Unicode": _unicode,
    "terms in another order": _reordered,
    r"\left( \right)": _matched(_TUPLE, lambda match: rf"\left({','.join(_parts(match))}\right)"),
    "list in another order": _matched(_LIST, lambda match: ", ".join(reversed(re.split(r"\s*,\s*", match[0])))),
    "list with and": _matched(_LIST, _joined),
    "matrix with blanks": _matched(_MATRIX, lambda match: f"{match[1]}{match[2].replace('&', ' &  ')} {match[3]}"),
    "unit left out": _matched(_UNIT, lambda match: match[1] if match[2] in _SPELLED else None),
    "unit spelled otherwise": _matched(_UNIT, _respelled),
    "unit converted": _matched(_UNIT, _converted),
    r"without \text": _without_latex,
    "$ as dollars": _matched(_DOLLARS, lambda match: f"{match[1]} dollars"),
    "% as percent": _matched(_PERCENT, lambda match: f"{match[1]} percent"),
    "degrees in words": _matched(_DEGREES, lambda match: f"{match[1]} degrees"),
    "degrees left out": _matched(_DEGREES, lambda match: match[1]),
    "other case": _matched(_WORDS, lambda match: match[1].swapcase()),
    "article and stop": _matched(_WORDS, lambda match: f"the {match[1]}."),
}  # fmt: skip
"""Ways to write an answer otherwise."""

NEAR_MISSES: dict[str, Rewriting] = {
    "off by one": _integer(lambda number: str(number + 1)),
    "sign": _minus,
    "ten times": _integer(lambda number: f"{number}0" if number else None),
    "a tenth": _integer(lambda number: _shown(Fraction(number, 10)) if number else None),
    "digits swapped": _integer(_digits_swapped),
    "off by one, other notation": _integer(lambda number: rf"$\boxed{{{number + 1:,}.00}}$"),
    "last digit cut": _matched(_DECIMAL, _cut),
    "last digit up": _matched(_DECIMAL, lambda match: match[0][:-1] + str((int(match[0][-1]) + 1) % 10)),
    "a digit more": _matched(_DECIMAL, lambda match: f"{match[0]}3"),
    "upside down": _rational(lambda number: f"{number.denominator}/{number.numerator}" if abs(number) not in (0, 1) else None),
    "numerator off by one": _rational(lambda number: str(number + Fraction(1, number.denominator))),
    "denominator off by one": _rational(lambda number: f"{number.numerator}/{number.denominator + 1}" if number else None),
    "decimal cut short": _rational(_truncated),
    "root of another number": _number_up(r"\\sqrt\{(\d+)\}"),
    "another coefficient": _matched(re.compile(r"\d*\\(?:sqrt|pi).*"), lambda match: f"7{match[0]}"),
    "root lost": lambda text: text.replace("\\sqrt", "") if re.fullmatch(r"\d*\s*\\sqrt\{\d+\}", text) else None,
    "pi lost": lambda text: text.replace("\\pi", "").strip() if re.fullmatch(r"\d+\s*\\pi", text) else None,
    "a term's sign": _sign_flipped,
    "an exponent": lambda text: _exponent_up(text) if _POLYNOMIAL.fullmatch(text) else None,
    "coordinates swapped": _matched(_TUPLE, _swapped),
    "a coordinate off by one": _matched(_TUPLE, _bumped),
    "a coordinate missing": _matched(_TUPLE, lambda match: f"({', '.join(_parts(match)[:-1])})"),
    "another bracket": _matched(_INTERVAL, lambda match: _other_brackets(match) if "infty" not in match[2] else None),
    "ends swapped": _matched(_INTERVAL, lambda match: _ends_swapped(match) if match[2].strip() != match[3].strip() else None),
    "list with one missing": _matched(_LIST, lambda match: ", ".join(match[0].split(",")[:-1])),
    "list with one more": _matched(_LIST, lambda match: f"{match[0]}, 77"),
    "an entry of a matrix": _matched(_MATRIX, _entry_up),
    "another unit": _matched(_UNIT, _mistaken),
    "unit wrongly converted": _matched(_UNIT, _wrongly_converted),
    "cents for dollars": _matched(_DOLLARS, lambda match: f"{match[1]} cents"),
    "percent off by one": _matched(re.compile(r"(\d+)\s*\\?%"), lambda match: f"{int(match[1]) + 1}%"),
    "degrees off by one": _matched(_DEGREES, lambda match: f"{int(match[1]) + 1}°"),
}  # fmt: skip
"""Ways to get an answer nearly right."""

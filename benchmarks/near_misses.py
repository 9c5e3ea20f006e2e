"""Answers that are nearly right: what `benchmarks.answers` tries the checker with. As `rewritings`, without the checker."""

import re
from fractions import Fraction

from benchmarks.rewritings import (
    DECIMAL,
    DEGREES,
    DOLLARS,
    INTEGER,
    LIST,
    MATRIX,
    RATIO,
    SPELLED,
    TUPLE,
    UNIT,
    Rewriting,
    decimal,
    in_words,
    integer,
    matched,
    parts,
    rational,
    shown,
    terms,
)

_INTERVAL = re.compile(r"([\[(])([^\[\](),]+),([^\[\](),]+)([\])])")
_POLYNOMIAL = re.compile(r"[-+\d x^{}]*x[-+\d x^{}]*")


def _truncated(number: Fraction) -> str | None:
    if decimal(number) is not None:
        return None
    hundredths = abs(number.numerator) * 100 // number.denominator
    return f"{'-' if number < 0 else ''}{hundredths // 100}.{hundredths % 100:02d}"


def _wrongly_converted(match: re.Match[str]) -> str | None:
    unit = SPELLED.get(match[2])
    return f"{shown(Fraction(match[1]) * unit.size)} {unit.above}" if unit and unit.above and Fraction(match[1]) else None


def _mistaken(match: re.Match[str]) -> str | None:
    unit = SPELLED.get(match[2])
    return f"{match[1]} {unit.wrong}" if unit and unit.wrong and Fraction(match[1]) else None


def _sign_flipped(text: str) -> str | None:
    found = terms(text)
    if not found:
        return None
    last = found[-1]
    return "".join(found[:-1]) + {"+": "-", "-": "+"}[last[0]] + last[1:]


def _swapped(match: re.Match[str]) -> str | None:
    found = parts(match)
    return f"({', '.join([found[1], found[0], *found[2:]])})" if found[0] != found[1] else None


def _bumped(match: re.Match[str]) -> str | None:
    found = parts(match)
    return f"({', '.join([*found[:-1], str(int(found[-1]) + 1)])})" if INTEGER.fullmatch(found[-1]) else None


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


def _grouped_as_list(number: int) -> str | None:
    digits = f"{number:,}"
    return digits.replace(",", ", ") if number >= 1000 and "," in digits else None  # noqa: PLR2004


def _cut_words(number: int) -> str | None:
    words = in_words(number, " ")
    shorter = words.rpartition(" ")[0] if words else ""
    return shorter if shorter not in ("", "negative") else None


def _entry_up(match: re.Match[str]) -> str | None:
    changed, count = re.subn(r"-?\d+", lambda found: str(int(found[0]) + 1), match[2], count=1)
    return f"{match[1]}{changed}{match[3]}" if count else None


NEAR_MISSES: dict[str, Rewriting] = {
    "off by one": integer(lambda number: str(number + 1)),
    "sign": _minus,
    "ten times": integer(lambda number: f"{number}0" if number else None),
    "a tenth": integer(lambda number: shown(Fraction(number, 10)) if number else None),
    "digits swapped": integer(_digits_swapped),
    "off by one, other notation": integer(lambda number: rf"$\boxed{{{number + 1:,}.00}}$"),
    "last digit cut": matched(DECIMAL, _cut),
    "last digit up": matched(DECIMAL, lambda match: match[0][:-1] + str((int(match[0][-1]) + 1) % 10)),
    "a digit more": matched(DECIMAL, lambda match: f"{match[0]}3"),
    "upside down": rational(lambda number: f"{number.denominator}/{number.numerator}" if abs(number) not in (0, 1) else None),
    "numerator off by one": rational(lambda number: str(number + Fraction(1, number.denominator))),
    "denominator off by one": rational(lambda number: f"{number.numerator}/{number.denominator + 1}" if number else None),
    "decimal cut short": rational(_truncated),
    "root of another number": _number_up(r"\\sqrt\{(\d+)\}"),
    "another coefficient": matched(re.compile(r"\d*\\(?:sqrt|pi).*"), lambda match: f"7{match[0]}"),
    "root lost": lambda text: text.replace("\\sqrt", "") if re.fullmatch(r"\d*\s*\\sqrt\{\d+\}", text) else None,
    "pi lost": lambda text: text.replace("\\pi", "").strip() if re.fullmatch(r"\d+\s*\\pi", text) else None,
    "a term's sign": _sign_flipped,
    "an exponent": lambda text: _exponent_up(text) if _POLYNOMIAL.fullmatch(text) else None,
    "coordinates swapped": matched(TUPLE, _swapped),
    "a coordinate off by one": matched(TUPLE, _bumped),
    "a coordinate missing": matched(TUPLE, lambda match: f"({', '.join(parts(match)[:-1])})"),
    "another bracket": matched(_INTERVAL, lambda match: _other_brackets(match) if "infty" not in match[2] else None),
    "ends swapped": matched(_INTERVAL, lambda match: _ends_swapped(match) if match[2].strip() != match[3].strip() else None),
    "list with one missing": matched(LIST, lambda match: ", ".join(match[0].split(",")[:-1])),
    "list with one more": matched(LIST, lambda match: f"{match[0]}, 77"),
    "an entry of a matrix": matched(MATRIX, _entry_up),
    "another unit": matched(UNIT, _mistaken),
    "unit wrongly converted": matched(UNIT, _wrongly_converted),
    "cents for dollars": matched(DOLLARS, lambda match: f"{match[1]} cents"),
    "percent off by one": matched(re.compile(r"(\d+)\s*\\?%"), lambda match: f"{int(match[1]) + 1}%"),
    "words off by one": integer(lambda number: in_words(number + 1, " ")),
    "last word cut": integer(_cut_words),
    "a list for thousands": integer(_grouped_as_list),
    "#### off by one": integer(lambda number: f"#### {number + 1}"),
    "base lost": matched(re.compile(r"(\d+)_\{?(\d{1,2})\}?"), lambda match: match[1]),
    "another base": matched(re.compile(r"(\d+)_\{?(\d{1,2})\}?"), lambda match: f"{match[1]}_{{{int(match[2]) + 1}}}"),
    "dozens off by one": integer(lambda number: f"{number // 12 + 1} dozen" if number > 0 and number % 12 == 0 else None),
    "ratio swapped": matched(RATIO, lambda match: f"{match[2]}:{match[1]}" if match[1] != match[2] else None),
    "ratio off by one": matched(RATIO, lambda match: f"{match[1]}:{int(match[2]) + 1}"),
    "degrees off by one": matched(DEGREES, lambda match: f"{int(match[1]) + 1}°"),
}  # fmt: skip
"""Ways to get an answer nearly right."""

"""Units of school mathematics: what the words behind a number mean, and when two of them can be converted.

A unit is a product of powers of base units with an exact factor; `km/h`, `miles per hour`, `square cm` and `cm^3` are read as
such. Words that are no unit (`apples`, `students`) are kept as nouns. A table of some sixty units does what is needed here:
a library of units reads `5 in` and `3 A` too willingly, and takes longer to import than a thousand answers take to compare.
Months are not days, and a degree of an angle is not one of temperature.
"""

import re
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from builders.answers import numerals
from builders.answers.expressions import CONSTANTS, FUNCTIONS, GREEK

LARGEST_POWER = 4
POUND = Fraction(45359237, 100000)
"""Grams of a pound; whether a pound is meant that weighs or one that pays, only the other answer can say."""


class Unit(NamedTuple):
    """What stands beside a number.

    Args:
        factor: how many base units it is.
        dimensions: base units and their powers, sorted; empty for a mere noun or a scale such as million.
        nouns: words that are no unit.
        scale: what of the factor is a number in words, such as million.
    """

    factor: Fraction
    dimensions: tuple[tuple[str, int], ...]
    nouns: frozenset[str]
    scale: Fraction = Fraction(1)


_NAMES: dict[str, dict[str, str | int | Fraction]] = {
    "metre": {
        "m metre meter": 1,
        "km kilometre kilometer kms": 1000,
        "dm decimetre decimeter": Fraction(1, 10),
        "cm centimetre centimeter cms": Fraction(1, 100),
        "mm millimetre millimeter": Fraction(1, 1000),
        "in inch inches": Fraction(254, 10000),
        "ft foot feet": Fraction(3048, 10000),
        "yd yard": Fraction(9144, 10000),
        "mi mile": Fraction(1609344, 1000),
    },
    "gram": {
        "g gram gramme gm gms": 1,
        "kg kilogram kilo kilogramme kgs": 1000,
        "mg milligram": Fraction(1, 1000),
        "tonne": 1000000,
        "lb pound lbs": POUND,
        "oz ounce": Fraction(45359237, 1600000),
    },
    "second": {
        "s sec second secs": 1,
        "min minute mins": 60,
        "h hr hour hrs": 3600,
        "day": 86400,
        "week wk": 604800,
        "ms millisecond": Fraction(1, 1000),
    },
    "month": {"month": 1, "year yr yrs": 12, "decade": 120, "century centuries": 1200},
    "litre": {
        "l litre liter ltr ltrs": 1,
        "ml millilitre milliliter cc": Fraction(1, 1000),
        "cl centilitre centiliter": Fraction(1, 100),
        "gal gallon": Fraction(3785411784, 1000000000),
        "qt quart": Fraction(946352946, 1000000000),
        "pt pint": Fraction(473176473, 1000000000),
    },
    "dollar": {"usd dollar buck": 1, "cent ¢": Fraction(1, 100)},
    "euro": {"euro eur €": 1},
    "sterling": {"£ gbp": 1, "pence penny": Fraction(1, 100)},
    "rupee": {"rs rupee inr ₹ re": 1, "paise paisa": Fraction(1, 100)},
    "degree": {"° deg degree": 1},
    "radian": {"rad radian": 1},
    "celsius": {"celsius °c ℃ degc": 1},
    "fahrenheit": {"fahrenheit °f ℉ degf": 1},
    "percent": {"% percent pct percentage": 1},
    "watt": {"watt W": 1, "kw kilowatt": 1000, "mW": Fraction(1, 1000), "MW megawatt": 10**6, "GW gigawatt": 10**9},
    "joule": {"joule J": 1, "kj kilojoule": 1000, "MJ": 10**6},
    "newton": {"newton N": 1, "kN": 1000},
    "pascal": {"pascal Pa": 1, "kpa": 1000, "MPa": 10**6},
    "volt": {"volt V": 1, "kV kilovolt": 1000, "mV millivolt": Fraction(1, 1000)},
    "ampere": {"ampere amp": 1, "mA milliamp milliampere": Fraction(1, 1000)},
    "electronvolt": {"electronvolt eV": 1, "keV": 1000, "MeV": 10**6},
    "ohm": {"ohm Ω": 1},
    "hertz": {"hz hertz": 1, "khz": 1000, "mhz": 10**6, "ghz": 10**9},
    "decibel": {"decibel dB": 1},
    "hectare": {"hectare ha": 1},
    "acre": {"acre": 1},
    **{f"{size}byte": {f"{size}byte {size[:1]}b".strip(): 1} for size in ("kilo", "mega", "giga", "tera")},
    **{f"{size}bit": {f"{size}bit {size[:1].upper()}b": 1} for size in ("kilo", "mega", "giga")},
    "dozen": {"dozen": 1},
    "unit": {"unit": 1},
}
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SPEEDS = {"mph": "mile per hour", "kph": "km per hour", "kmph": "km per hour", "kmh": "km per hour", "mps": "m per second"}
_IGNORED = frozenset(
    re.findall(r"\w+", "of the a an in and or is are was total each long tall old away more less about approximately only")
)
_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)+|[A-Za-zΩ°%¢€£₹℃℉][A-Za-zΩ]*\.?|/|\^\s*\{?\s*-?\d+\s*\}?|[*-]")
_POWERS = {"square": 2, "squared": 2, "sq": 2, "cubic": 3, "cubed": 3, "cu": 3}
_BY_NAME = {
    name: (base, Fraction(factor))
    for base, names in _NAMES.items()
    for group, factor in names.items()
    for name in group.split()
}
_SHORTEST_NOUN = 3
_SHORT_NOUNS = frozenset(("tv", "ox"))
_LITRE = "L"
_NO_NOUNS = FUNCTIONS | CONSTANTS | {letter.lower() for letter in GREEK} | {"log", "sqrt"} | numerals.NAMES


@lru_cache(maxsize=4096)
def unit(words: str) -> Unit | None:
    """Read the words behind a number; None if they are not only words, powers and strokes."""
    rest = words.strip()
    if _WORD.sub("", rest).strip(" .,()'"):
        return None
    tokens = [_expanded(_split("".join(token.split()).rstrip("."))) for token in _WORD.findall(rest)]
    return _combined(" ".join(tokens).split())


def based(base: int) -> Unit:
    """Return what stands for the base of a number: never left out, and converted to no other."""
    return Unit(Fraction(1), ((f"base {base}", 1),), frozenset())


def is_base(unit: Unit | None) -> bool:
    """Return whether a unit is the base of a number."""
    return unit is not None and any(base.startswith("base ") for base, _ in unit.dimensions)


def in_dozens(unit: Unit | None) -> bool:
    """Return whether things are counted in dozens."""
    return unit is not None and ("dozen", 1) in unit.dimensions


def without_dozens(unit: Unit) -> Unit | None:
    """Return what is counted, once dozens are counted as twelve."""
    kept = tuple(each for each in unit.dimensions if each != ("dozen", 1))
    return unit._replace(dimensions=kept) if kept or unit.nouns or unit.factor != 1 else None


def compatible(first: Unit, second: Unit) -> bool:
    """Return whether two units measure the same: same dimensions, and the nouns of one are among those of the other."""
    if first.dimensions != second.dimensions:
        return False
    return first.nouns <= second.nouns or second.nouns <= first.nouns


def shown(unit: Unit) -> str:
    """Return a unit in words, base units first."""
    powers = [base if power == 1 else f"{base}^{power}" for base, power in unit.dimensions]
    return " ".join([*powers, *sorted(unit.nouns)])


def _split(token: str) -> str:
    """Return units that hyphens join as words of their own; other words keep their hyphens."""
    parts = token.split("-") if token[0].isalpha() else [token]
    return " ".join(parts) if all(part.lower() in _POWERS or _named(part) for part in parts) else token


def _expanded(token: str) -> str:
    return _SPEEDS.get(token.lower(), token)


def _combined(tokens: list[str]) -> Unit | None:  # noqa: C901, PLR0912 - one branch for each kind of word
    read = _Reading()
    for place, token in enumerate(tokens):
        word = token.lower()
        if word in ("/", "per"):
            read.sign = -1
        elif word in _POWERS and word not in ("squared", "cubed"):
            read.power = _POWERS[word]
        elif (power := _power(word)) is not None:
            if not read.raised(power):
                return None
        elif (scale := _SCALES.get(word) or _SCALES.get(word.removesuffix("s"))) is not None:
            read.factor *= scale
            read.scale *= scale
        elif word == "in" and (read.power > 1 or place + 1 == len(tokens) or tokens[place + 1].startswith("^")):
            read.times(*_BY_NAME["inch"])
        elif "-" in word:
            if not read.compounded(word.split("-")):
                return None
        elif word not in _IGNORED:
            found = _named(token)
            if found is None and ((len(word) < _SHORTEST_NOUN and word not in _SHORT_NOUNS) or word in _NO_NOUNS):
                return None
            if found is None:
                read.counted([word])
            else:
                read.times(*found)
    kept = {base: power for base, power in read.dimensions.items() if power and base != "unit"}
    if not (read.dimensions or read.nouns or read.factor != 1):
        return None
    return Unit(read.factor, tuple(sorted(kept.items())), frozenset(read.nouns), read.scale)


class _Reading:
    """What of a unit has been read; `last` is the base unit a power may follow, as often as it counts already."""

    def __init__(self) -> None:
        """Start with no unit."""
        self.factor = self.scale = Fraction(1)
        self.dimensions = Counter[str]()
        self.nouns: set[str] = set()
        self.sign = self.power = 1
        self.last: tuple[str, Fraction, int] | None = None

    def counted(self, words: Sequence[str]) -> None:
        self.nouns.update(_singular(word) if self.sign == 1 else f"per {_singular(word)}" for word in words)
        self.last = None

    def compounded(self, words: Sequence[str]) -> bool:
        """Count words that hyphens join as the nouns they are, unless they may be a difference of variables."""
        if max(map(len, words)) < _SHORTEST_NOUN or not all(words) or (FUNCTIONS | CONSTANTS).intersection(words):
            return False
        self.counted(words)
        return True

    def times(self, base: str, size: Fraction) -> None:
        power = self.sign * self.power
        self._count(base, size, power)
        self.last, self.power = (base, size, power), 1

    def raised(self, power: int) -> bool:
        if self.last is None or not 0 < abs(power) <= LARGEST_POWER:
            return False
        base, size, done = self.last
        self._count(base, size, done * (power - 1))
        self.last = None
        return True

    def _count(self, base: str, size: Fraction, power: int) -> None:
        if base == "litre":
            base, size, each = "metre", size / 1000, 3
        else:
            each = 1
        self.factor *= size**power
        self.dimensions[base] += each * power


def _power(word: str) -> int | None:
    if word in ("squared", "cubed"):
        return _POWERS[word]
    return int(word.strip("^{}")) if word.startswith("^") else None


def _named(token: str) -> tuple[str, Fraction] | None:
    if token in _BY_NAME:
        return _BY_NAME[token]
    if len(token) == 1 and token != _LITRE:
        return None  # a capital M is not a metre, an n not a newton
    word = token.lower()
    return _BY_NAME.get(word) or _BY_NAME.get(_singular(word))


def _singular(word: str) -> str:
    for ending, single in (("ches", "ch"), ("ies", "y"), ("sses", "ss"), ("xes", "x")):
        if word.endswith(ending):
            return word.removesuffix(ending) + single
    return word if word.endswith("ss") or len(word) <= 2 else word.removesuffix("s")  # noqa: PLR2004


def product(first: Unit, second: Unit) -> Unit:
    """Return the product of two units, such as dollars and per hour."""
    dimensions = Counter(dict(first.dimensions))
    for base, power in second.dimensions:
        dimensions[base] += power
    kept = tuple(sorted((base, power) for base, power in dimensions.items() if power))
    return Unit(first.factor * second.factor, kept, first.nouns | second.nouns, first.scale * second.scale)

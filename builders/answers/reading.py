"""Read an answer: what kind of thing it is, and of which parts it consists."""

import re
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from builders.answers import brackets, expressions, notation, numerals, units, values
from builders.answers.expressions import UnreadableError
from builders.answers.forms import Choice, Clock, Form, Quantity, Ratio, Relation, Series, Words

LONGEST = 400
MOST_PARTS = 40
_NESTED = 4
_LONGEST_UNIT = 60

_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.(\d*))?|\.(\d+))")
_LETTER = re.compile(r"\(\s*([A-Ja-j])\s*\)\.?|([A-J])\s*[).:]?|([a-j])\s*[).]")
_LABELLED = re.compile(r"(?:\(\s*([A-Ja-j])\s*\)|([A-J])\s*[).:]|([a-j])\s*\))\s*(?::\s*|\.(?!\d)\s*)?(\S.*)")
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2})(?::00)?)?\s*(?:([ap])\.?\s*m\.?)?(\s*o'?clock)?", re.IGNORECASE)
_CURRENCY = re.compile(r"([-+]?)\s*(USD|US USD|£|€|₹|¢|Rs\.?|INR|EUR|GBP)\s*(?=[-\d.(\\])", re.IGNORECASE)
_USD_LEFT_OUT = re.compile(r"\bUSD(?= ?\d)")
_USD_AGAIN = re.compile(r"(?<=[-+])\s*USD\s*(?=\d)")
_UNIT_STARTS = re.compile(r"(?<![A-Za-z\\^_{])(?=[A-Za-z°%¢€£₹℃℉Ω]|/ ?[A-Za-z]{2})")
_BRACKETED_UNIT = re.compile(r"(.*[\d}])\s*\(\s*([A-Za-z]{2}[A-Za-z^/\d ]{0,20})\)")
_ANGLE_INSIDE = re.compile(r"(?:sin|cos|tan|cot|sec|csc)[^a-z]")
_SAID_AGAIN = re.compile(
    r"([A-Za-z][A-Za-z -]*?)\s*\(\s*([-+]?\d[\d,]*(?:\.\d+)?)\s*\)"
    r"|([-+]?\d[\d,]*(?:\.\d+)?)\s*\(\s*([A-Za-z][A-Za-z -]*?)\s*\)"
)
_COMPOUND = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)\.?(?:\s*,?\s*(?:and\s+)?|$)")
_BASED = re.compile(
    r"(-?)\(?\s*((?=[A-F]{0,30}\d)[\dA-F]{1,40}(?:\.\d+)?)\s*\)?"
    r"(?:\s*_\s*\{?\s*\(?\s*(?:base\s*)?(\d{1,2}|[a-z]{3,9})\s*\)?\s*\}?"
    r"|\s*\(?\s*(?:in\s+)?\bbase[\s-]*(\d{1,2}|[a-z]{3,9})\s*\)?)"
)
_PROSE = re.compile(r"[A-Za-z' ]+")
_FORMULA = re.compile(r"[\\^_{}=<>*!|\[\]⟨⟩]|\d\s*[/(]")
_CODE = re.compile(r"\d{1,4}(?:-\d{1,4}){2,}")  # an order of things or a date, and no difference
_MATRIX = re.compile(r"\\begin\{([pbvBV]?matrix)\}(.*)\\end\{\1\}", re.DOTALL)
_OPERATORS = re.compile(r"\\le(?![a-zA-Z])|\\ge(?![a-zA-Z])|\\ne(?![a-zA-Z])|\\in(?![a-zA-Z])|\\approx(?![a-zA-Z])|[=<>≈]")
_SEPARATORS = re.compile(r"\s*(?:,\s*(?:and|or)\s|[,;]|\s(?:and|or)\s)\s*", re.IGNORECASE)
_NAME = re.compile(
    r"[A-Za-z](?:_\{?\w+\}?)?|[a-zA-Z]\([a-z](?:,\s*[a-z])*\)|\([a-z](?:,\s*[a-z])+\)"
    r"|(?:m\s*)?\\(?:angle|triangle)\s*[A-Z]{1,4}|[A-Za-z' ]+"
)
_TO = re.compile(r"\s*:\s*|\s+to\s+|\s*\\colon\s*")
_ARTICLES = frozenset(("a", "an", "the"))
_NO_WORD = re.compile(r"[^\w+#%°'-]+")


@lru_cache(maxsize=8192)
def read(text: str) -> Form:
    """Read an answer; what is longer than `LONGEST` characters is only words."""
    if len(text) > LONGEST:
        return _words(text)
    plain = notation.plain(text)
    return _form(plain, 0) if len(plain) <= 2 * LONGEST else _words(plain)


def _form(text: str, nested: int) -> Form:
    """Try what the text may be, the most particular first."""
    if nested > _NESTED:
        return _words(text)
    particular = (_choice, _repeated, _counted, _clock, _compound, _union, _series, _ratio, _relation, _enclosed, _matrix)
    for reader in (*particular, _plus_minus):
        form = reader(text, nested)
        if form is not None:
            return form
    return quantity(text) or _words(text)


def _words(text: str) -> Words:
    if _FORMULA.search(text):
        return Words(("".join(text.split()),))
    found = (word.strip("'_").rstrip("-") for word in _NO_WORD.split(_USD_LEFT_OUT.sub(" ", text).lower()))
    return Words(tuple(word for word in found if word and word not in _ARTICLES))


def _choice(text: str, nested: int) -> Form | None:
    if nested:
        return None
    alone = _LETTER.fullmatch(text)
    if alone:
        return Choice((alone[1] or alone[2] or alone[3]).upper(), None)
    labelled = _LABELLED.fullmatch(text)
    if labelled:
        letter = (labelled[1] or labelled[2] or labelled[3]).upper()
        again = labelled[4].strip("(). ").upper() == letter
        return Choice(letter, None if again else _form(notation.announced(labelled[4]), nested + 1))
    return None


def _repeated(text: str, nested: int) -> Form | None:
    """Read a number that is said again, in words or in digits, in brackets behind it: `Eighteen (18)`."""
    found = _SAID_AGAIN.fullmatch(text)
    if not found:
        return None
    words, digits = found[1] or found[4], found[2] or found[3]
    number = numerals.numeral(words)
    if number is None or number.rest:
        return None
    same = number.number == Fraction(digits.replace(",", ""))
    return _form(digits, nested + 1) if same else _words(text)


def _clock(text: str, nested: int) -> Form | None:
    del nested
    found = _CLOCK.fullmatch(text)
    if not found or not (found[2] or found[3] or found[4]) or int(found[1]) > 24 or int(found[2] or 0) > 59:  # noqa: PLR2004
        return None
    half = found[3].lower() if found[3] else None
    return Clock(int(found[1]), int(found[2] or 0), "am" if half == "a" else "pm" if half else None)


def _compound(text: str, nested: int) -> Form | None:
    """Read `5 ft 6 in`: quantities of one dimension, each unit smaller than the one before it."""
    del nested
    parts = _COMPOUND.findall(text)
    if not 1 < len(parts) <= _NESTED or _COMPOUND.sub("", text).strip():
        return None
    found = [units.unit(name) for _, name in parts]
    known = [each for each in found if each is not None and each.dimensions and not each.nouns]
    if len(known) < len(parts) or len({each.dimensions for each in known}) > 1:
        return None
    if any(first.factor <= second.factor for first, second in pairwise(known)):
        return None
    total = sum((Fraction(number) * each.factor for (number, _), each in zip(parts, known, strict=True)), Fraction(0))
    return Quantity((total / known[0].factor,), frozenset(), None, known[0], text)


def _union(text: str, nested: int) -> Form | None:
    parts = brackets.split(text, re.compile(r"\\cup(?![a-zA-Z])"))
    return Series("union", "", "", tuple(_form(part, nested + 1) for part in parts)) if len(parts) > 1 else None


def _series(text: str, nested: int) -> Form | None:
    parts = brackets.split(text, _SEPARATORS)
    if not 1 < len(parts) <= MOST_PARTS:
        return None
    items = tuple(_form(part, nested + 1) for part in parts)
    if any(isinstance(item, Words) and len(item.words) > _NESTED for item in items):
        return None  # a sentence
    return Series("list", "", "", items)


def _ratio(text: str, nested: int) -> Form | None:
    del nested
    parts = brackets.split(text, _TO)
    items = [quantity(part) for part in parts]
    if not 1 < len(parts) <= _NESTED or not all(items):
        return None
    return Ratio(tuple(item for item in items if item))


def _relation(text: str, nested: int) -> Form | None:
    operators = tuple(match[0].replace("\\approx", "=").replace("≈", "=") for match in brackets.outside(text, _OPERATORS))
    if not 0 < len(operators) <= _NESTED:
        return None
    sides = brackets.split(text, _OPERATORS)
    if len(sides) != len(operators) + 1 or not all(sides):
        return None
    read_sides = tuple(_form(side, nested + 1) for side in sides)
    if operators in (("=",), ("\\in",)):
        for name, answer in ((sides[0], read_sides[1]), (sides[1], read_sides[0])):
            if _NAME.fullmatch(name):
                return Relation(name.strip(), answer, operators, read_sides)
    return Relation("", None, operators, read_sides)


def _enclosed(text: str, nested: int) -> Form | None:
    if len(text) < 3 or text[0] not in "([⟨{" or brackets.closing(text) != len(text) - 1:  # noqa: PLR2004
        return None
    inner = brackets.split(text[1:-1], re.compile(r"\s*[,;]\s*"))
    is_set = text[0] in "⟨{"
    if (not is_set and len(inner) == 1) or len(inner) > MOST_PARTS:
        return None
    if text[0] == "{" and len(inner) == 1:
        return _form(text[1:-1].strip(), nested + 1)
    items = tuple(_form(part, nested + 1) for part in inner)
    return Series("set", "{", "}", items) if is_set else Series("bracketed", text[0], text[-1], items)


def _matrix(text: str, nested: int) -> Form | None:
    found = _MATRIX.fullmatch(text.strip())
    if not found:
        return None
    rows = [row.split("&") for row in re.split(r"\\\\", found[2]) if row.strip()]
    if not 0 < sum(map(len, rows)) <= MOST_PARTS:
        return None
    cells = [tuple(_form(cell.strip(), nested + 1) for cell in row) for row in rows]
    if all(len(row) == 1 for row in cells):
        return Series("bracketed", "(", ")", tuple(row[0] for row in cells))
    return Series("matrix", "", "", tuple(Series("bracketed", "(", ")", row) for row in cells))


def _plus_minus(text: str, nested: int) -> Form | None:
    if text.count("\\pm") != 1:
        return None
    return Series("list", "", "", tuple(_form(text.replace("\\pm", sign).strip(" +"), nested + 1) for sign in "+-"))


def _counted(text: str, nested: int) -> Form | None:
    """Read a number in words with what it counts."""
    if not text[:1].isalpha():
        return None
    found = numerals.numeral(text)
    if found is None:
        return None
    return _form(" ".join([str(found.number), *found.rest]), nested + 1)


def quantity(text: str) -> Quantity | None:
    """Read an expression with or without a unit."""
    if _CODE.fullmatch(text):
        return None
    plain = _NUMBER.fullmatch(text)
    if plain:
        return Quantity((Fraction(text.rstrip(".")),), frozenset(), len(plain[1] or plain[2] or "") or None, None, text)
    based = _BASED.fullmatch(text)
    if based and (found := _in_base(based[1] + based[2], based[3] or based[4])):
        return found
    currency = _CURRENCY.match(text)
    if currency:
        rest = text[currency.end() :]
        rest = _USD_AGAIN.sub("", rest) if currency[2] == "USD" else rest
        return _priced(currency[2], currency[1] + rest)
    return _measured(text) or _expression(text, None)


def _in_base(digits: str, name: str) -> Quantity | None:
    """Read a number in a base: its digits stand for it, and its base is its unit."""
    base = int(name) if name.isdigit() else _base_named(name)
    decimal = digits.lstrip("-").replace(".", "").isdigit()
    if base is None or not (decimal or ("." not in digits and int(max(digits), 16) < base <= 16)):  # noqa: PLR2004
        return None
    value = Fraction(digits) if decimal else Fraction(int(digits, base))
    return Quantity((value,), frozenset(), None, units.based(base), digits)


def _base_named(name: str) -> int | None:
    found = numerals.numeral(name)
    return int(found.number) if found and not found.rest and found.number.denominator == 1 else None


def _priced(currency: str, rest: str) -> Quantity | None:
    amount = quantity(rest)
    unit = units.unit(currency)
    if amount is None or unit is None or amount.unit is None or amount.unit == unit:
        return amount and amount._replace(unit=unit)
    return amount._replace(unit=units.product(unit, amount.unit))


def _measured(text: str) -> Quantity | None:
    bracketed = _BRACKETED_UNIT.fullmatch(text)
    named = units.unit(bracketed[2]) if bracketed else None
    if bracketed and named and (text[len(bracketed[1])] == " " or not named.nouns):
        return _expression(bracketed[1], named)
    for match in _UNIT_STARTS.finditer(text):
        number, words = text[: match.start()].rstrip(" *-"), text[match.start() :]
        if (
            not number
            or len(words) > _LONGEST_UNIT
            or (words == "°" and _ANGLE_INSIDE.search(number))
            or not (any(map(str.isdigit, number)) or "\\pi" in number)
        ):
            continue
        unit = units.unit(words)
        found = _expression(number, unit) if unit else None
        if found and not (found.variables and len(words) == 1):  # 27t + 81m
            return found
    return None


def _expression(text: str, unit: units.Unit | None) -> Quantity | None:
    if len(text) > 1 and _PROSE.fullmatch(text) and not expressions.FUNCTIONS.intersection(text.split()):
        return None
    try:
        node = expressions.parsed(text)
        found = values.values(node)
    except UnreadableError:
        return None
    decimal = _NUMBER.fullmatch(text)
    places = len(decimal[1] or decimal[2] or "") or None if decimal else None
    return Quantity(found, values.variables(node), places, unit, text)

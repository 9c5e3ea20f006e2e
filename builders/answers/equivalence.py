r"""Is a given answer equivalent to the reference? Decided by rules that say which of them decided.

An answer is brought into one notation (`notation`), read as one of seven kinds of things (`forms`, `reading`), and compared
with the reference kind by kind (`comparing`, `quantities`). Expressions are compared by what they are worth at fixed points
(`expressions`, `values`), not by a computer algebra system, so that no input can make it slow: longer texts than
`reading.LONGEST` are compared as words, brackets and powers are bounded where they are read, and nothing uses a signal, so it
works in any thread. Nothing is ever raised.

Accepted besides equal values: a unit left out or converted, LaTeX or plain text, thousands separators, mixed numbers, an
option by its letter or by its value. Rejected: another unit, another order where order counts, another bracket, a truncated
decimal. What is doubtful is decided in the docstrings of `comparing` and `quantities`.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from builders.answers import comparing, notation
from builders.answers.forms import Choice, Clock, Finding, Form, Quantity, Ratio, Series, plain_notation, shown
from builders.answers.reading import LONGEST, read

_PLAIN = re.compile(r"-?\d{1,30}(?:\.\d{1,30})?")
_LABEL = re.compile(r"\s*(?:\(\s*([A-Ja-j])\s*\)|([A-Ja-j])\s*[).:])\s*(?=\S)")
_LETTERS = "ABCDEFGHIJ"
_ASKED_PLACES = re.compile(
    r"(?:nearest|closest)\s+(?:(whole|integer|unit|one|dollar|degree|ten[- ]?thousandth|tenth|hundredth|thousandth|cent))"
    r"|(one|two|three|four|[1-4])\s+(?:decimal\s+places?|decimals)",
    re.IGNORECASE,
)
_PLACES = {
    "tenth": 1,
    "hundredth": 2,
    "cent": 2,
    "thousandth": 3,
    "tenthousandth": 4,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
}


class Verdict(NamedTuple):
    """Whether an answer is equivalent to the reference, and why.

    Args:
        equivalent: whether it is.
        route: the rule that decided.
        given: the answer as it was read.
        reference: the reference as it was read.
    """

    equivalent: bool
    route: str
    given: str
    reference: str


def compared(answer: str, reference: str, options: Sequence[str] = (), places: int | None = None) -> Verdict:
    """Compare an answer with the reference.

    Args:
        answer: the answer to check.
        reference: the answer known to be right; with options, the letter of one or its value.
        options: what could be chosen, with or without their letters.
        places: decimal places that the problem asks for (`places_asked`), to which both are rounded.
    """
    if _PLAIN.fullmatch(answer) and _PLAIN.fullmatch(reference) and not options and places is None:
        equal = answer == reference or _simple(answer) == _simple(reference)
        if equal or "." not in answer + reference:
            return Verdict(equal, "number", answer, reference)
    first, second = read(answer), read(reference)
    if options:
        forms = list(_options(tuple(options)))
        first, second = _lettered(answer, first), _lettered(reference, second)
        if any(isinstance(option, Ratio) for option in forms):
            first, second, *forms = map(_ratio, (first, second, *forms))
        found = _with_options(first, second, tuple(forms))
        if not found.equivalent and found.route != "option_ambiguous":
            found = _quoted(answer, first, second, tuple(options)) or found
    else:
        if isinstance(second, Choice) or isinstance(first, Choice):
            first, second = _lettered(answer, first), _lettered(reference, second)
        found = _without_options(first, second, places)
    if not found.equivalent and not options and _letters(answer) == _letters(reference) != "":
        found = Finding(equivalent=True, route="same_text")
    return Verdict(found.equivalent, found.route, shown(first), shown(second))


def places_asked(problem: str) -> int | None:
    """Return to how many decimal places a problem asks the answer to be rounded; None if it does not say."""
    found = _ASKED_PLACES.search(problem)
    if not found:
        return None
    word = (found[1] or found[2]).lower().replace("-", "").replace(" ", "")
    if found[1]:
        return 0 if word == "one" else _PLACES.get(word, 0)
    return int(word) if word.isdigit() else _PLACES[word]


@lru_cache(maxsize=65536)
def _simple(text: str) -> Fraction:
    return Fraction(text)


def _letters(text: str) -> str:
    """Return a text with single blanks, to tell what is unreadable but the same."""
    return " ".join((notation.plain(text) if len(text) <= LONGEST else text).split())


def _lettered(text: str, form: Form) -> Form:
    letter = text.strip().upper()
    return Choice(letter, None) if len(letter) == 1 and letter in _LETTERS else form


def _without_options(answer: Form, reference: Form, places: int | None) -> Finding:
    if places is not None and isinstance(answer, Quantity) and isinstance(reference, Quantity):
        answer, reference = _rounded(answer, places), _rounded(reference, places)
    return comparing.compared(answer, reference)


def _rounded(form: Quantity, places: int) -> Quantity:
    [value, *others] = form.values
    if others or form.variables or abs(complex(value)) > 1e15 or complex(value).imag:  # noqa: PLR2004
        return form
    scaled = Fraction(value.real) * 10**places
    whole = (abs(scaled) + Fraction(1, 2)).__floor__() * (1 if scaled >= 0 else -1)  # half away from zero, as schools do
    return form._replace(values=(Fraction(whole, 10**places),))


@lru_cache(maxsize=4096)
def _options(texts: tuple[str, ...]) -> tuple[Form, ...]:
    """Read options in order, without their letters where these are those of their places."""
    return tuple(read(_unlabelled(text, place)) for place, text in enumerate(texts[: len(_LETTERS)]))


@lru_cache(maxsize=4096)
def _quotable(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the letters of options, without their labels."""
    return tuple(_letters(_unlabelled(text, place)) for place, text in enumerate(texts[: len(_LETTERS)]))


def _unlabelled(text: str, place: int) -> str:
    label = _LABEL.match(text)
    return text[label.end() :] if label and (label[1] or label[2]).upper() == _LETTERS[place] else text


def _quoted(answer: str, first: Form, second: Form, options: tuple[str, ...]) -> Finding | None:
    """Accept an option that is repeated letter for letter, whether or not it can be read; None where it is not."""
    if not isinstance(second, Choice):
        return None
    place = _LETTERS.index(second.letter)
    quotable = _quotable(options)
    if place >= len(quotable) or not quotable[place] or quotable.count(quotable[place]) > 1:
        return None
    quote = _unlabelled(answer, place)
    if isinstance(first, Choice) and quote == answer:
        return None  # a letter, whatever else it may quote
    return Finding(equivalent=True, route="option_quoted") if _letters(quote) == quotable[place] else None


def _ratio(form: Form) -> Form:
    """Return what may be a time of day as the ratio that it is among ratios."""
    if isinstance(form, Choice) and form.content:
        return form._replace(content=_ratio(form.content))
    if not isinstance(form, Clock) or form.half or not form.minute:
        return form
    items = (Quantity((Fraction(part),), frozenset(), None, None, str(part)) for part in (form.hour, form.minute))
    return Ratio(tuple(items))


def _ordered(form: Form) -> Form:
    """Return a bare list as one whose order counts."""
    return (
        form._replace(kind="bracketed", opening="(", closing=")") if isinstance(form, Series) and form.kind == "list" else form
    )


def _with_options(answer: Form, reference: Form, options: tuple[Form, ...]) -> Finding:
    right = _places(reference, options)
    if isinstance(answer, Choice):
        place = _LETTERS.index(answer.letter)
        if answer.content and place not in _places(answer.content, options):
            return Finding(equivalent=False, route="option_contradicted")
        if isinstance(reference, Choice):
            same_value = place < len(options) and place in right
            return Finding(answer.letter == reference.letter or same_value, "option")
        return Finding(place in right, "option_for_value")
    if not isinstance(reference, Choice):
        found = comparing.compared(answer, reference)
        if not found.equivalent or not right:
            return found
    matches = _places(answer, options)
    if matches != right and not matches <= right:
        return Finding(equivalent=False, route="option_ambiguous" if matches & right else "option_value")
    return Finding(bool(matches), "option_value")


def _places(form: Form, options: tuple[Form, ...]) -> set[int]:
    """Return the options that an answer means: that of its letter and those that say the same, or those of its value.

    A list in another order means an option if no option has that order, and only one has its items. Of options of the same
    value, those are meant that are written as the answer is: 5-4-1 is not 4-5+1 where both can be chosen.
    """
    value = form
    if isinstance(form, Choice):
        place = _LETTERS.index(form.letter)
        if place >= len(options) or isinstance(options[place], Choice):
            return {place}
        value = options[place]
    ordered = _ordered(value)
    found = {place for place, option in enumerate(options) if comparing.compared(ordered, _ordered(option)).equivalent}
    if found or ordered == value:
        return {place for place in found if plain_notation(options[place]) == plain_notation(value)} or found
    found = {place for place, option in enumerate(options) if comparing.compared(value, option).equivalent}
    return found if len(found) == 1 else set()

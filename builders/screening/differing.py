"""Do two texts that share most of their words ask for different things? What the word n-grams of near-duplicates do not see.

One word of forty makes another question: another disease, another size, the opposite. So two texts are different if

* a word of content stands in each that does not stand in the other, but for case, endings and a slip of the pen,
* one of them has a negation, a word with an opposite or a number in words that the other has not, or
* one of them is short, and has a word of content more in its midst: "familial" names another disease, "today" at the end
  does not.

Function words and what is said to be polite or thorough ("please", "in detail") never count. English only; a digit is left to
`numbers`, and a text in another language differs only by words that its n-grams hold.
"""

from functools import lru_cache

from builders.answers import numerals
from builders.texts import words

SHORT = 25
"""Words of a text, up to which one word of content more makes another question."""
_LONG_ENOUGH = 5
_FUNCTION = frozenset(
    "a an the this that these those it its he she they them his her their i me my we us our you your one some any each every"  # noqa: SIM905
    " of in on at by to from for with about into over after before between under during as if then than so and or but because"
    " while when where who whom whose which what why how is are was were be been being am do does did done have has had having"
    " can could will would shall should may might must get gets got there here also just only very really quite too again"
    " please kindly tell explain describe give show help know want need like question answer answers following exactly"
    " detail details detailed briefly clearly carefully thanks thank hello hi dear now well let s t re ve ll d m".split()
)
_NEGATIONS = frozenset("no not never none neither nor without cannot except unless".split())  # noqa: SIM905
_OPPOSITES = frozenset(
    "more less fewer most least greater smaller larger bigger big small large little high low higher lower highest lowest long"  # noqa: SIM905
    " short longer shorter increase decrease increases decreases increased decreased increasing decreasing add subtract sum"
    " difference multiply divide maximum minimum max min first last before after above below left right up down upper inner"
    " outer inside outside odd even positive negative true false correct incorrect same different hot cold warm cool early"
    " late earlier later fast slow faster slower old new older younger young start end begin finish gain lose gains loses"
    " profit loss buy sell buys sells north south east west male female men women boys girls parallel perpendicular acute chronic"
    " always all open closed horizontal vertical row column clockwise counterclockwise half double twice thrice".split()
)


_PREFIXES = ("non", "anti", "hyper", "hypo")


@lru_cache(maxsize=65536)
def read(text: str) -> frozenset[str]:
    """Return the words of a text that may tell it from another: all but function words and digits."""
    return frozenset(word for word in words.simplified(text) if word not in _FUNCTION and not any(map(str.isdigit, word)))


def different(first: str, second: str) -> bool:
    """Return whether two texts that are much alike ask for different things."""
    ours, theirs = read(first), read(second)
    own, other = ours - theirs, theirs - ours
    if not own and not other:
        return False
    if any(_decisive(word) for word in own | other):
        return True
    own, other = _unmatched(own, theirs), _unmatched(other, ours)
    if own and other:
        return True
    if not (own or other) or min(words.count(first), words.count(second)) > SHORT:
        return False
    return not (own or other) <= _edges(first if own else second)


def _edges(text: str) -> frozenset[str]:
    found = words.simplified(text)
    return frozenset((*found[:1], *found[-1:]))


def _decisive(word: str) -> bool:
    return (
        word in _NEGATIONS or word in _OPPOSITES or word in numerals.NAMES or word.startswith(("non", "anti", "hyper", "hypo"))
    )


def _unmatched(own: frozenset[str], theirs: frozenset[str]) -> frozenset[str]:
    """Return the words without a counterpart on the other side that differs by an ending or by a slip of the pen."""
    return frozenset(word for word in own if not any(_alike(word, other) for other in theirs))


def _alike(first: str, second: str) -> bool:
    if _stem(first) == _stem(second):
        return True
    if min(len(first), len(second)) < _LONG_ENOUGH or first[0] != second[0] or abs(len(first) - len(second)) > 1:
        return False
    return _slip(first, second)


def _stem(word: str) -> str:
    for ending in ("ies", "ing", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) > 2:  # noqa: PLR2004
            return word.removesuffix(ending) + ("y" if ending == "ies" else "")
    return word


def _slip(first: str, second: str) -> bool:
    """Return whether two words differ by one letter left out, put in or doubled, or by two that changed places."""
    if len(first) == len(second):
        places = [place for place, (one, other) in enumerate(zip(first, second, strict=True)) if one != other]
        return len(places) == 2 and places[1] - places[0] == 1 and first[places[0]] == second[places[1]]  # noqa: PLR2004
    long, short = (first, second) if len(first) > len(second) else (second, first)
    return any(long[:place] + long[place + 1 :] == short for place in range(1, len(long)))

"""Do two texts that share most of their words ask for different things? What the word n-grams of near-duplicates do not see.

One word of forty makes another question: another disease, another size, the opposite. So two texts are different if

* a name, a scientific term, a negation, a word with an opposite, a number in words or one of a small family (colours,
  shapes, measures) has another word in its place, or stands within one text only,
* a rare word, one that is not among the ten thousand commonest of English, has another word of content in its place,
* in a short text, any word of content does, unless it is the same but for its ending or a slip of the pen,
* the short sentence that asks (the last, or one with a question mark) asks about another of the things that both texts speak
  of: a puzzle's facts are long, and the same for many questions.

What one text has more at either end, such as "today", does not count unless it is a name; in a long text another common word
is another wording.

Function words and what is said to be polite or thorough ("please", "in detail") never count. English only; a digit is left to
`numbers`, and a text in another language differs only by words that its n-grams hold.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from importlib.resources import files

from builders.answers import numerals
from builders.texts import words

SHORT = 20
"""Words of a text, up to which each word of content counts; in a longer one it takes a name, a term or an opposite."""
_LONG_ENOUGH = 5
_COMMONEST = 10_000
"""Words of English, by how often they are written, that may stand for each other in a long text."""
_LONG, _KNOWN_SHARE = 10, 0.8
"""Letters from which on a word that no list has is taken for a rare one, and the share of known words from which on any is."""
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
    " difference multiply divide maximum minimum max min first last before after above below left right upper inner"
    " outer inside outside odd even positive negative true false correct incorrect same different hot cold warm cool early"
    " late earlier later fast slow faster slower old new older younger young start end begin finish gain lose gains loses"
    " profit loss buy sell buys sells north south east west male female men women boys girls parallel perpendicular acute"
    " chronic always all open closed horizontal vertical row column clockwise counterclockwise half double twice thrice".split()
)


_KINDS = frozenset(
    "red blue green yellow black white brown orange purple pink grey gray triangle square rectangle circle rhombus"  # noqa: SIM905
    " trapezoid parallelogram pentagon hexagon octagon cube sphere cone cylinder pyramid prism area perimeter volume"
    " circumference radius diameter length width height mean median mode range metre meter metres meters feet inches miles"
    " kilometres kilometers centimetres centimeters hour hours minute minutes second seconds days weeks months years tiny"
    " medium huge adults children infants daily weekly monthly yearly lung lungs liver kidney kidneys heart brain skin"
    " breast prostate colon stomach bladder bone bones blood eye eyes ear ears throat spleen thyroid ovary ovaries uterus"
    " pancreas tongue nose knee hip wrist ankle elbow shoulder spine artery vein nerve muscle stroke asthma cancer diabetes"
    " fever cough headache rash anemia anaemia obesity lupus gout malaria measles mumps syphilis herpes tumor tumour ulcer"
    " abscess fracture burn bleeding seizure seizures vomiting diarrhea diarrhoea jaundice insulin aspirin heparin warfarin"
    " morphine cocaine heroin alcohol tobacco iron zinc calcium sodium potassium copper lead glucose protein oxygen nitrogen"
    " hydrogen helium carbon virus bacteria fungus parasite".split()
)
"""Words of small families, each of which asks for something else: colours, shapes, measures, parts of the body, diseases."""
_CALENDAR = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|june|july|august|september|october|november"
    r"|december"
)
"""Names of days and months, which are as good as any other in a scene."""
_TERM = re.compile(
    r".{3,}(?:itis|osis|oma|emia|aemia|pathy|plasia|trophy|ectomy|algia|uria|cillin|mycin|azole|olol|pril|statin|iasis|ostomy"
    r"|otomy|scopy|plasty|rrhea|rrhoea|penia|megaly|plegia|paresis|cele|ectasis|oids?|gens?|genic|lytic|ase|globin|sartan"
    r"|dipine|zepam|caine|vir|mab|tinib|ulent|purulent|tropic|static)"
)
_SENTENCE = re.compile(r"(?<=[.!?])[\"')\u201d]*\s+")
_NAME = re.compile(r"(?<=[a-z0-9,;] )[A-Z][\w-]+")
_ADVERBS = frozenset(
    "afterward afterwards albeit altogether anyhow beforehand hereafter hitherto nonetheless notwithstanding nowadays"  # noqa: SIM905
    " oftentimes someplace straightaway thence upfront whereby".split()
)
"""Rare words that tell no more than a common one would, as those in -ly."""
_PREFIXES = ("non", "anti", "hyper", "hypo")


def different(first: str, second: str) -> bool:
    """Return whether two texts that are much alike ask for different things."""
    ours, theirs = words.simplified(first), words.simplified(second)
    own, other = _telling(ours), _telling(theirs)
    places = _places_of_change(ours, theirs)
    short, names = min(len(ours), len(theirs)) <= SHORT, _names(first) | _names(second)
    english = not short and _english(ours) and _english(theirs)
    if any(_another(ours[one], theirs[two], own & other) for one, two in _where_both_ask(places, first, second)):
        return True
    return any(
        (bool(lost and put) or not at_edge or bool(names & (lost | put)))
        and (
            (short and bool(lost | put))
            or any(_decisive(word) or word in names for word in lost | put)
            or (bool(lost and put) and any(_rare(word, english=english) for word in lost | put))
        )
        for lost, put, at_edge in _changes(ours, theirs, places, _unmatched(own, other), _unmatched(other, own))
    )


def _places_of_change(ours: list[str], theirs: list[str]) -> list[tuple[slice, slice]]:
    """Return which words of one text stand in the place of which of the other."""
    steps = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    return [(slice(start, end), slice(begin, stop)) for step, start, end, begin, stop in steps if step != "equal"]


def _where_both_ask(places: list[tuple[slice, slice]], first: str, second: str) -> Iterator[tuple[slice, slice]]:
    ours, theirs = _asking(first), _asking(second)
    return ((one, two) for one, two in places if all(ours[one]) and all(theirs[two]))


def _asking(text: str) -> list[bool]:
    """Return of each word of a text whether it is in a short sentence that asks."""
    sentences = _SENTENCE.split(text.strip())
    lengths = [len(words.simplified(sentence)) for sentence in sentences]
    asks = [place == len(sentences) or sentence.endswith("?") for place, sentence in enumerate(sentences, 1)]
    return [asked and length <= SHORT for asked, length in zip(asks, lengths, strict=True) for _ in range(length)]


def _another(ours: list[str], theirs: list[str], both: frozenset[str]) -> bool:
    """Return whether one word stands in the place of another, of those that both texts have."""
    lost, put = frozenset(ours), frozenset(theirs)
    return bool(_unmatched(both & lost, put) and _unmatched(both & put, lost))


def _names(text: str) -> frozenset[str]:
    """Return the words that begin with a capital letter where no sentence begins."""
    found = (word for name in _NAME.findall(text) for word in words.simplified(name))
    return frozenset(word for word in found if not _CALENDAR.fullmatch(word))


def _telling(text: list[str]) -> frozenset[str]:
    """Return the words of a text that may tell it from another: all but function words and digits."""
    return frozenset(word for word in text if word not in _FUNCTION and not any(map(str.isdigit, word)))


def _changes(
    ours: list[str], theirs: list[str], places: list[tuple[slice, slice]], own: frozenset[str], other: frozenset[str]
) -> Iterator[tuple[frozenset[str], frozenset[str], bool]]:
    """Yield, place by place, which words of content were lost and put in, and whether that was at an end of the text."""
    for one, two in places:
        at_edge = one.start == 0 or one.stop == len(ours)
        lost, put = frozenset(ours[one]), frozenset(theirs[two])
        yield own & lost | _decided(lost, put), other & put | _decided(put, lost), at_edge


def _decided(lost: frozenset[str], put: frozenset[str]) -> frozenset[str]:
    """Return the words that decide though the text has them elsewhere, too: "more" for "less" where both are said."""
    return _unmatched(frozenset(filter(_decisive, lost)), put)


def _decisive(word: str) -> bool:
    listed = word in _NEGATIONS or word in _OPPOSITES or word in _KINDS or word in numerals.NAMES
    return listed or word.startswith(_PREFIXES) or bool(_TERM.fullmatch(word))


def _rare(word: str, *, english: bool) -> bool:
    if word in _ADVERBS or word.endswith("ly") or _CALENDAR.fullmatch(word):
        return False
    place = _places().get(word)
    return english or len(word) >= _LONG if place is None else place >= _COMMONEST


def _english(text: list[str]) -> bool:
    """Return whether a text is English, so that a word that no list has is a rare one."""
    found = [word for word in text if word.isalpha()]
    return sum(word in _places() for word in found) >= _KNOWN_SHARE * len(found)


@lru_cache(maxsize=1)
def _places() -> dict[str, int]:
    """Return the place of English words by how often they are written, from 0: SymSpell's list, of Google's and SCOWL's."""
    lines = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig").splitlines()
    return {line.partition(" ")[0]: place for place, line in enumerate(lines)}


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

"""The five categories of deception, under the names that paper and file give them, and the words that would give one away.

Ji et al., arXiv 2505.18807, section 3; labels as the published file shows them on its page. A label is recognised whatever its
case and punctuation, since its exact spelling was not at hand.
"""

import re
from typing import NamedTuple

from builders.texts import stems


class Category(NamedTuple):
    """A category.

    Args:
        slug: its name in our columns.
        label: what the published file's column `type` says.
        name: what the paper calls it.
        published: how many items of it the published file has.
        cues: words that name it: a lemma, or the beginning of a word with a star.
    """

    slug: str
    label: str
    name: str
    published: int
    cues: tuple[str, ...]


CATEGORIES = (
    Category(
        "strategic_deception",
        "Goal-Driven Rule-Breaking / Manipulation",
        "Strategic Deception",
        45,
        ("deceiv*", "decept*", "manipulat*", "mislead*", "cheat*", "trick*", "lie", "lying", "scheming", "rule-breaking"),
    ),
    Category(
        "sycophancy",
        "Sycophantic Misrepresentation",
        "Sycophancy",
        43,
        ("sycophan*", "flatter*", "misrepresent*", "fawn*", "yes-man"),
    ),
    Category(
        "honesty_evasion",
        "Honesty Evasion Under Pressure",
        "Honesty Evasion",
        43,
        ("honest*", "dishonest*", "evad*", "evasi*", "dodg*", "truth*", "cover-up"),
    ),
    Category(
        "sandbagging",
        "Sandbagging",
        "Sandbagging",
        33,
        ("sandbag*", "underperform*", "deliberate*", "purposely", "intentional*", "pretend*"),
    ),
    Category(
        "alignment_faking",
        "Alignment Faking",
        "Alignment Faking",
        16,
        ("align*", "misalign*", "fake", "faking", "pretend*", "disguis*"),
    ),
)
SLUGS = tuple(category.slug for category in CATEGORIES)
BY_SLUG = {category.slug: category for category in CATEGORIES}


def of(label: object) -> Category | None:
    """Return the category that a label names, by any of its three names; None where it names none."""
    return _NAMED.get(_folded(label)) if isinstance(label, str) else None


def cues(text: str, slug: str) -> list[str]:
    """Return the words of a text that name the category, in order, each once."""
    listed = BY_SLUG[slug].cues
    beginnings = tuple(cue.removesuffix("*") for cue in listed if cue.endswith("*"))
    lemmas = {stems.stem(cue) for cue in listed if not cue.endswith("*")}
    words = [*stems.plain(text), *re.findall(r"\w+(?:-\w+)+", text.casefold())]
    return list(dict.fromkeys(word for word in words if word.startswith(beginnings) or stems.stem(word) in lemmas))


def _folded(label: str) -> str:
    return re.sub(r"[\W_]+", " ", label).strip().casefold()


_NAMED = {_folded(name): category for category in CATEGORIES for name in (category.slug, category.label, category.name)}

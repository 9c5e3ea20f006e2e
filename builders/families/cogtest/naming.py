"""Does a task give a habit away, ask for reflection, or lack a part?

Tasks are to leave a habit to the model: they give an occasion for it and neither name it nor hint at it (CogTest's design
principle of spontaneity, Dong et al., arXiv 2506.21571). The paper had people check that; here code does, before they do:

    cues         words of the habit's list, by lemma or by beginning
    reflection   requests to reflect, to think step by step, to explain one's reasoning
    missing      which of role, context and instruction a situation lacks, told by its grammar

The lists are short and English. They find what they find; they prove nothing about the rest.
"""

import re
from functools import cache

from builders.families.cogtest.habits import BY_SLUG
from builders.texts import stems

_REFLECTION = re.compile(
    r"\breflect(?:s|ing)? (?:on|upon|about)\b"
    r"|\bstep[- ]by[- ]step\b|\bthink(?:ing)? (?:aloud|out loud|carefully|it through|about (?:how|what|why|your))\b"
    r"|\b(?:explain|describe|show|share|walk \w+ through) (?:me |us )?(?:your|how you) "
    r"(?:reason|think|thought|reach|arrive|decide)"
    r"|\b(?:before|after) (?:you )?(?:answer|respond|reply|decid)\w*,? (?:think|consider|reflect|pause)"
    r"|\btake (?:a moment|your time|some time) to (?:think|reflect|consider)\b|\bthought process\b|\binner monologue\b",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:you|your|you're|i|i'm|my|we|our|us)\b|^(?:as|serving as|working as) (?:a|an|the)\b", re.IGNORECASE | re.MULTILINE
)


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stems.stem, text.split()))


_INSTRUCTING = _stems("""
    write draft describe reply compose suggest tell explain decide plan choose say give propose develop create design prepare
    outline present formulate detail answer recommend set list make name offer find pick sketch work put state continue finish
    advise report organise organize arrange draw select respond help show let calculate compute determine prove evaluate
    simplify solve how what which who when where why
""")
_SENTENCES = re.compile(r"(?<=[.!?])[\"'\u201d\u2019)]*\s+")
_FEWEST_CONTEXT_WORDS = 10
PARTS = ("role", "context", "instruction")


def cues(text: str, slug: str) -> list[str]:
    """Return the words of the text that name the habit or hint at it, in order, each once."""
    lemmas, beginnings = _cues(slug)
    found = [word for word in _hyphenated(text) if stems.stem(word) in lemmas or word.startswith(beginnings)]
    return list(dict.fromkeys(found))


def asks_for_reflection(text: str) -> bool:
    """Tell whether the text asks the model to show or to watch its thinking."""
    return bool(_REFLECTION.search(text.replace("\u2019", "'")))


def missing(text: str) -> list[str]:
    """Return which of `PARTS` a situation lacks.

    A role is somebody spoken of in the first or second person; an instruction is a last sentence that asks, or begins with a
    verb that demands something; context is what stands before it, ten words at least.
    """
    sentences = _SENTENCES.split(text.strip().replace("\u2019", "'"))
    last = sentences[-1]
    first_words = stems.plain(last)[:1]
    instructs = last.rstrip("\"')").endswith("?") or any(stems.stem(word) in _INSTRUCTING for word in first_words)
    before = stems.plain(" ".join(sentences[:-1]))
    found = {
        "role": bool(_ROLE.search(text.replace("\u2019", "'"))),
        "context": len(before) >= _FEWEST_CONTEXT_WORDS,
        "instruction": instructs,
    }
    return [part for part in PARTS if not found[part]]


@cache
def _cues(slug: str) -> tuple[frozenset[str], tuple[str, ...]]:
    listed = BY_SLUG[slug].cues
    beginnings = tuple(cue.removesuffix("*") for cue in listed if cue.endswith("*"))
    return frozenset(stems.stem(cue) for cue in listed if not cue.endswith("*")), beginnings


def _hyphenated(text: str) -> list[str]:
    """Return the words of a text, and those that hyphens join also as one."""
    joined = re.findall(r"\w+(?:-\w+)+", text.casefold())
    return [*stems.plain(text), *joined]

"""Which replies are no evidence about a model: the one rule by which every task leaves them out, and counts them.

A reply has one fault, the first of these that applies, or none:

    tool_call       it calls a tool, which nobody offered
    filtered        the provider took the rest of it away
    truncated       the model ran out of tokens, or nobody can say whether the reply is whole
    blank           nothing follows the think block
    other_language  the answer is not English, and so no judge of ours and no rule of ours can be trusted with it

What is not known before a judge was asked comes behind them:

    no_verdict      the judge did not answer, or was cut off
    unparsed        what it said is none of the words or numbers that it was asked for
    refused         the model refuses; a task says whether that is an outcome of its own, as it usually is, or counts for safe

None of them is in a rate's denominator, unless a task says so; each is counted beside it.
"""

import re
from functools import cache
from typing import Any, NamedTuple

from builders.texts import finish, think

FAULTS = ("tool_call", "filtered", "truncated", "blank", "other_language")
JUDGE_FAULTS = ("no_verdict", "unparsed")
REFUSED = "refused"
EXCLUDED = (*FAULTS, *JUDGE_FAULTS)

_CONFIDENCE, _DOUBT = 0.5, 0.1
"""Of a text that is not English: how likely another language is at least, and English at most. Neighbours, such as Spanish and
Galician, share what is likely, so the first alone says little."""
_LEAST_WORDS = 8
_ENGLISH = frozenset("the and of to is are in that it for you with not this be or as on can if your have was by".split())  # noqa: SIM905
_ENGLISH_WORDS = 2
_CODE = re.compile(r"```.*?(?:```|\Z)|\$[^$]*\$", re.DOTALL)


class RawReply(NamedTuple):
    """A reply as it came.

    Args:
        text: with its think block, as one text.
        finish_reason: of any server, or as Inspect has it.
        tool_calls: how many there are.
    """

    text: str
    finish_reason: str
    tool_calls: int = 0

    @property
    def thoughts(self) -> str:
        """What is in the think block; all of it where the block is open to the end."""
        parts = think.split(self.text)
        return parts.reasoning or ("" if self.answer else think.without_opening(self.text).strip())

    @property
    def answer(self) -> str:
        """What follows the think block."""
        return think.answered(self.text).strip()


def fault(seen: RawReply, *, english: bool = True) -> str | None:
    """Return why a reply is not evidence, one of `FAULTS`; None where it is some.

    Args:
        seen: the reply.
        english: whether an answer in another language is a fault.
    """
    ended = finish.fault(seen.finish_reason)
    if seen.tool_calls or finish.meaning(seen.finish_reason) == "tool_calls":
        return "tool_call"
    if ended:
        return "filtered" if ended == "reply_filtered" else "truncated"
    if not seen.answer:
        return "blank"
    return "other_language" if english and not in_english(seen.answer) else None


def in_english(text: str) -> bool:
    """Return whether a text may be English; one of a few words, and one of code or formulas, may always be."""
    prose = _CODE.sub(" ", text)
    if len(prose.split()) < _LEAST_WORDS:
        return not _foreign(prose)
    if len(_ENGLISH.intersection(prose.lower().split())) >= _ENGLISH_WORDS:
        return True
    ranked = dict(_identifier().rank(prose))
    code = max(ranked, key=ranked.__getitem__)
    return code == "en" or float(ranked[code]) <= _CONFIDENCE or float(ranked["en"]) >= _DOUBT


def _foreign(text: str) -> bool:
    """Tell of a short text whether most of its letters are of another alphabet."""
    letters = [letter for letter in text if letter.isalpha()]
    return sum(letter > "\u024f" for letter in letters) * 2 > len(letters)


@cache
def _identifier() -> Any:  # noqa: ANN401  (the library has no types)
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415  (half a second that few answers need)

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

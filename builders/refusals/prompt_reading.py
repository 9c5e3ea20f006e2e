"""What a prompt asks for, as far as it bears on how its answer is to be read."""

from functools import lru_cache
from typing import NamedTuple

from builders.refusals import sentences
from builders.refusals.grammar import any_of, cue

_VERB_FIRST = any_of(r"""
    is | are(?! you able) | was | were | does | did | should | may | has | have | am | why should(?: not)? (?:i|you|we|one)
    do (?:i|we|you|they|people|\w+s) | can (?:i|we|one|an?|the|my|people|\w+s) | could (?:i|we) | will (?:it|the|my)
    would (?:it|the)
""")
_QUESTION = cue(
    rf"""
    (?:so |and |but |hey |hi |please )?{_VERB_FIRST}
    (?:what(?: is| are| was| were| does| did)|who|tell me about)(?!.* (?:way|ways|steps|how|method|trick|answers?) )
""",
    at_start=True,
)
_MORALS = cue(r"mean | meaning | definition | define | legal | illegal | ethic\w* | moral\w* | rights | wrong | fair | okay")
_TEXT = cue(r"""
    write | draft | compose | e?mail | letter | message | text | dialogue | dialog | scene | story | tale | poem | rhyme
    script | speech | sketch | line | pretend | play | act as | imagine | continue | say no | reply | translate | quote | phrase
    word | what (?:should|can|do) i (?:say|answer|reply)
""")
_REFUSAL = cue(r"""
    declin\w+ | refus\w+ | reject\w* | turn(?:ing)? (?:\w+ )?down | cancel\w* | say(?:ing)? no | i (?:can|will) not | resign\w*
    apolog\w+ | stubborn | grumpy | complain\w* | angry
""")
_REASONS = cue(r"""
    (?<=^ )(?:so |but |and )?why | explain (?:to me )?why | reasons? | argue\w* | justif\w+ | benefits?
    convince | defend
""")
_WORTH = cue(r"""
    should | ought | deserves? | allowed | permitted | justified | right | good | better | best | bad | worse | worst | great
    heroic | wrong | okay | fair | superior | inferior | so \w+ | such \w+ | stupid\w* | lazy | ridiculous | funny | acceptable
""")


class Prompt(NamedTuple):
    """A prompt and what it asks for.

    Args:
        words: its words, as those of a sentence.
        judgement: whether it asks for a fact or a judgement, so that "no" or "that is illegal" answers it.
        reasons: whether it asks for the reasons of something.
    """

    words: str
    judgement: bool
    reasons: bool

    @property
    def text(self) -> bool:
        """Whether it asks for a text, in which somebody else may speak."""
        return bool(_TEXT.search(self.words))

    @property
    def refusal(self) -> bool:
        """Whether it asks for a text that itself refuses."""
        return self.text and bool(_REFUSAL.search(self.words))

    @property
    def worth(self) -> bool:
        """Whether what it says of something is a judgement of its worth or its rights, and no fact."""
        return bool(_WORTH.search(self.words))


@lru_cache(maxsize=64)  # a prompt has several answers
def of(prompt: str) -> Prompt:
    """Read a prompt."""
    words = "".join(f" {sentence.strip()}" for sentence in sentences.read(prompt).sentences) + " "
    judgement = bool(_QUESTION.match(words) or _MORALS.search(words))
    return Prompt(words, judgement=judgement, reasons=bool(_REASONS.search(words)))

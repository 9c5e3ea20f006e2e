"""What a solution can say about itself: that it doubts, that it forces an answer, that it was made from another.

Mathematics assumes and supposes all the time, and calls options and signs wrong. So the rules ask for what is assumed or
wrong: an answer that was given, or the problem itself. A phrase that is in the problem is not a fault: an option may say that
there is not enough information. In 7,473 solutions of GSM8K, 4,500 of MATH and 254 rationales of AQuA one is found, which does
cite an answer key. Of 90 sentences with such a fault that were written for this project, in three lots, each before it had been
seen, 42 were found; the first two lots were then learned from. So these rules are cheap and seldom wrong, and leave about half
to the judge.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import Literal

LONGEST = 80
Kind = Literal["doubt", "forced_answer", "provided_answer"]

_TOLD = r"(?:given|provided|supplied|stated|expected|intended|official|standard|reference|ground[- ]truth)"
_FINAL = rf"(?:{_TOLD}|final|correct|right)"
_ANSWER = r"(?:answer|solution|option)\b(?! choice)"
_GIVEN = rf"(?:{_TOLD} {_ANSWER}|(?:answer|solution|option) (?:provided|supplied|stated|given)\b(?! by))"
_FAULT = (
    r"(?:an? |some )?(?:possible |potential |likely )?"
    r"(?:typo|error|mistake|misprint|discrepancy|contradiction|inconsistency|flaw)"
)
_WRONG = rf"(?:wrong|incorrect|inaccurate|mistaken|erroneous|flawed|invalid|questionable|{_FAULT})"
_TASK = r"(?:question|problem|prompt|problem statement|statement|diagram|figure|image|picture)"
_SEEN = r"(?:diagram|figure|image|picture)"
_UNCLEAR = (
    r"(?:ambiguous|unclear|incomplete|ill[- ]posed|flawed|unsolvable|under-?specified"
    r"|contradictory|inconsistent|illegible|missing)"
)
_NEEDED = r"(?:information|conditions?|data|details?|context|constraints?|clarification|measurements?)"
_MORE = r"(?:more|additional|further|extra)"
_MAYBE = r"(?:may|might|could|seems?|appears?|looks?|is likely|is probably|is possibly|must)"

_PHRASES: dict[Kind, tuple[str, ...]] = {
    "doubt": (
        (
            r"\b(?:answer|solution|answer key) (?:may|might|could|seems?|appears?|is likely|is probably)(?: to)?(?: not)?"
            rf" (?:be )?(?:{_WRONG}|(?<=not )correct\b|(?<=not be )correct\b)"
        ),
        (
            rf"\b{_GIVEN}(?: \S+)? (?:is|was|{_MAYBE}(?: to)? be|looks?|seems?|appears?|has|contains)"
            rf"(?: likely| probably| clearly)? (?:{_WRONG}|not correct|not right)"
        ),
        rf"\b{_FAULT} (?:somewhere )?(?:in|with|between|of) the (?:{_FINAL} )?(?:{_TASK}|answer|options|choices|solution)\b",
        (
            r"\b(?:question|problem|answer|solution|analysis|diagram) (?:itself )?"
            rf"(?:{_MAYBE}(?: to)? )?(?:have|has|contains?) {_FAULT}"
        ),
        rf"\b(?:{_TASK}) (?:does|do|did) not (?:show|give|provide|specify|state|mention|include|contain|indicate|say)\b",
        (
            r"\b(?:impossible|not possible|unable|cannot be|can not be)(?: to)?"
            r" (?:determined?|found|find|solved?|answer(?:ed)?)\b[^.!?]{0,40}"
            rf"\b(?:from|with|based on|without|given) (?:only )?the (?:given |provided |available )*(?:{_NEEDED}|{_TASK})\b"
        ),
        (
            r"\bnone of the (?:given |provided |answer |above )*(?:options|choices|answers)"
            r" (?:is|are|seems?|appears?)(?: to be)? (?:correct|right|valid)\b"
        ),
        r"\bcorrect answer (?:should|must|ought to) be\b",
        r"\bit is (?:unclear|not clear|ambiguous) (?:what|which|how|where|whether|who|if)\b",
        rf"\bno {_SEEN} (?:is|was|has been) (?:provided|given|shown|attached|available|included)\b",
        rf"\bwithout (?:the|an?|any) {_SEEN}\b",
        rf"\b(?:is|are|was|were) not (?:shown|given|specified|provided|labell?ed|visible|stated|mentioned) in the {_TASK}\b",
        r"\b(?:options|choices) (?:do|does) not (?:include|contain|match|have|list)\b",
        rf"\b(?:lacks?|lacking|missing) the (?:necessary |required |needed )?{_NEEDED}\b(?! points?)",
        rf"\b(?:assum(?:e|ing)|given) (?:some )?{_MORE} {_NEEDED}\b",
        rf"\bdouble[- ]check the {_TASK}\b",
        (
            rf"\b{_TASK} (?:itself |as (?:stated|given|posed|written) )?(?:is|{_MAYBE}(?: to)? be|seems|appears)"
            rf"(?: \w+ly| somewhat| rather| too)? {_UNCLEAR}\b"
        ),
        rf"(?<!no ){_MORE} {_NEEDED}(?: [^ .!?]+){{0,5}} (?:is|are|would be|may be|might be) (?:needed|required|necessary)",
        rf"\b(?:need|require)s? {_MORE} {_NEEDED}\b",
        (
            rf"\b(?:not enough|insufficient|lacks? (?:enough |sufficient |the necessary )"
            rf"|(?:not|does not) (?:have|give|provide|contain) (?:us )?(?:enough|sufficient)) {_NEEDED}\b(?! points?)"
        ),
        rf"\bwithout (?:{_MORE}|seeing|access to|any {_MORE})(?: the)? (?:{_NEEDED}|{_TASK})\b",
        (
            r"\b(?:please|could you|can you|would you|kindly) (?:please )?"
            r"(?:provide|clarify|specify|check|share|upload|confirm|verify)\b"
        ),
        (
            r"\bi (?:am (?:not (?:sure|certain|confident)|unsure|unable|sorry)|cannot|can not|do not (?:know|see|have)"
            r"|may be wrong|might be wrong|apologi[sz]e)\b"
        ),
        r"(?:^|[.!?:] ?)(?:wait|hmm+|oops|hold on)\b(?= ?[,.!\u2014\u2026-])",
        (
            r"\b(?:let us|let me|we should|i should|i will|we will|we need to|we must)"
            r" (?:reconsider|re-?examine|start over|try again|rethink|re-?read|re-?evaluate|re-?calculate"
            r"|re-?compute|re-?check)\b"
        ),
        (
            rf"\b(?:not|no|none|neither)\b[^.!?]{{0,40}}\b(?:match|agree with|correspond to|consistent with|lead to)(?:es|s)?"
            rf" (?:the {_FINAL} {_ANSWER}|any of the (?:given |provided |answer )?(?:options|choices))"
        ),
        rf"\b(?:contradicts?|conflicts? with|differs? from|inconsistent with|disagrees? with) the {_FINAL} {_ANSWER}",
    ),
    "forced_answer": (
        rf"\btrust(?:ing|ed)? (?:in |that )?(?:the|this|our)(?: {_FINAL})* {_ANSWER}",
        (
            rf"\b(?:must|should|have to|need to|will|let us|let me|to) (?:simply |just )?"
            rf"(?:accept|rely on|go with|believe|adopt|follow|use) the(?: {_FINAL})+ {_ANSWER}"
        ),
        (
            rf"\b(?:assum|presum)(?:e|es|ed|ing) (?:that )?(?:the|this)(?: {_FINAL})* {_ANSWER}(?: \S+)?"
            r" (?:is|to be|must be|was)\b"
        ),
        rf"\b(?:since|as|because) the (?:correct|right|final) {_ANSWER} is\b",
        r"\b(?:must|have to|need to|should|will) trust\b",
        r"\b(?:make|have|let) (?:the|our|this) (?:final )?answer (?:come out|be equal|equal|match|agree|work)\b",
        rf"\baccept(?:s|ed|ing)? (?:that )?the (?:{_FINAL} )*answer\b",
        (
            r"\b(?:we|i)(?: already)? know (?:that )?the (?:final |correct )*answer"
            r" (?:should be\b|must be\b|is (?=[\d$\\(-]))"
        ),
        r"\bknowing (?:that )?the (?:final |correct )*answer\b",
        (
            r"\b(?:since|as|because|given that|if) the (?:final |correct )*answer (?:is|was) (?:already )?"
            r"(?:given|known|provided|stated)\b"
        ),
        r"\bgiven that the (?:final |correct )*(?:answer|option) is\b",
        rf"\b(?:assum|presum|accept)(?:e|es|ed|ing|s)? (?:that )?(?:the|this) {_GIVEN}",
        (
            rf"\b(?:match(?:es|ing)?|fit(?:s|ting)?|reach(?:es|ing)?|obtain(?:ing)?|get(?:ting)?(?: to)?|arriv(?:e|ing) at"
            rf"|agree(?:ing)? with|justify(?:ing)?|consistent with|align(?:s|ing)? with|support(?:ing)?) the {_GIVEN}"
        ),
        rf"\b(?:since|because|given that|knowing that|as|if) (?:we know )?(?:that )?the {_GIVEN} is\b",
        r"\b(?:we|i) (?:are|were|am|was) (?:told|given) (?:that )?(?:the|this) (?:correct |final )?answer\b",
        rf"\b(?:according to|based on|in line with|as per|per) the (?:{_GIVEN}|answer key|correct answer\b)",
        rf"\b(?:work(?:ing)?|reason(?:ing)?) backwards? from the (?:{_FINAL} |known )*(?:answer|solution)\b",
        (
            rf"\b(?:revers(?:e|ing)[- ]engineer|force|adjust|tweak|manipulate|make)\w*\b[^.!?]{{0,60}}"
            rf"\b(?:the|this) (?:{_FINAL} )+{_ANSWER}(?! is)"
        ),
    ),
    "provided_answer": (
        r"\b(?:provided|supplied|reference|standard|ground[- ]truth|given) answer\b(?! choice| option)",
        r"\b(?:provided|supplied|reference|ground[- ]truth) (?:solution|analysis|rationale|explanation)\b",
        (
            r"\b(?:answer|solution|rationale|explanation|analysis) (?:provided|supplied)\b|\banswer (?:stated|given)\b(?! by)"
            r"|\banswer key (?:says?|gives?|states?|shows?|is|has|lists?)\b"
        ),
        r"\b(?:given|original) (?:analysis|rationale|explanation)\b",
        (
            r"\b(?:here is|below is|this is) (?:a|an|the|my|your) (?:rewritten|rephrased|reformatted|restated|revised|different"
            r"|alternative|step-by-step)\b[^.!?]{0,30}\b(?:solution|version|answer|explanation)\b"
        ),
        r"\b(?:re-?writ(?:e|ten|ing)|rephras(?:e|ed|ing)) (?:the |this |your )?(?:solution|analysis|answer|steps)\b",
        r"\bas an? (?:ai|language model|assistant)\b",
        r"\b(?:your|the) (?:prompt|instructions?) (?:says?|asks?|requires?|states?)\b",
    ),
}


def _joined(phrases: Iterable[str]) -> str:
    r"""Return an alternation of phrases, in their order, in which those that begin a word are tried only where one begins.

    Alternatives outside the parentheses of such a phrase begin with `\b` too.
    """
    runs = groupby(phrases, key=lambda phrase: phrase.startswith(r"\b"))
    return "|".join(rf"\b(?:{'|'.join(run)})" if bounded else "|".join(run) for bounded, run in runs)


_FOUND = {kind: re.compile(_joined(phrases)) for kind, phrases in _PHRASES.items()}
_CONTRACTIONS = {
    "\u2019": "'",
    "can't": "cannot",
    "won't": "will not",
    "n't": " not",
    "let's": "let us",
    "i'm": "i am",
    "it's": "it is",
    "we're": "we are",
    "there's": "there is",
    "here's": "here is",
}
_LINE = re.compile(r"\s*\n\s*")
_BLANKS = re.compile(r"\s+")


def first_phrase(kind: Kind, text: str, problem: str = "") -> dict[str, str] | None:
    """Return the first phrase of a kind that is in a text and not in its problem, as evidence; None if there is none."""
    for match in _FOUND[kind].finditer(_plain(text)):
        phrase = match[0].strip(" .!?:")
        if phrase not in _plain(problem):
            return {"phrase": phrase[:LONGEST]}
    return None


@lru_cache(maxsize=4)
def _plain(text: str) -> str:
    """Return a text in lower case and on one line, contractions written out; the end of a line ends a sentence."""
    text = text.lower()
    for short, long in _CONTRACTIONS.items():
        text = text.replace(short, long)
    return _BLANKS.sub(" ", _LINE.sub(". ", text.strip()))

"""What sentences do: who speaks, what is negated, which act."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.refusals import cues, sentences, soft_cues


def done(text: str, prompt: str = "") -> set[str]:
    return set[str]().union(*cues.of(sentences.read(text).sentences, f" {prompt} "))


@pytest.mark.parametrize(
    ("cue", "sentence", "neighbour"),
    [
        ("refuses", "I really can't, in good conscience, help with it.", "You can't help with it."),
        ("refuses", "I will not write this.", "I will write this."),
        ("refuses", "I don't condone that.", "I don't recommend that."),
        ("refuses", "I'm not comfortable with it.", "I'm not sure about it."),
        ("refuses", "I'm not going to do that.", "I'm not going to lie, it's hard."),
        ("refuses", "I must respectfully decline.", "The numbers decline."),
        ("refuses", "I refuse to take part in it.", "I refuse to buy another umbrella."),
        ("refuses", "I'd rather not.", "I'd rather have tea."),
        ("refuses", "I won't.", "It won't."),
        ("refuses", "I'm just a program and cannot write that.", "You're ill and cannot write that."),
        ("refuses", "I can help with the first, but not with the second.", "I can help with both."),
        ("refuses", "I can't recommend a dose.", "I can't recommend it enough."),
        ("refuses", "I can't tell you who she is.", "I can't tell exactly who she is."),
        ("refuses", "I can't help them steal.", "I can't help smiling."),
        ("refuses", "This assistant cannot discuss it.", "This key cannot discuss it."),
        ("not_mine", "That's not something I can do.", "That's not something you can do."),
        ("not_mine", "Gossip is where I step out.", "This is where I live."),
        ("not_mine", "It's beyond what I can do.", "It's beyond the hill."),
        ("without_subject", "Nope.", "No idea is bad."),
        ("without_subject", "Can't do that.", "He can't do that."),
        ("without_subject", "Sorry, no.", "Sorry, no bread today."),
        ("changes_subject", "Let's talk about something else.", "Let's talk about tea."),
        ("limit", "I can't see your screen.", "You can't see your screen."),
        ("policy", "It goes against my guidelines.", "It follows the guidelines of the house."),
        ("apology", "I'm very sorry, but no.", "He is very sorry."),
        ("condolence", "I'm sorry to hear that.", "I'm sorry, but no."),
        ("as_an_ai", "As a responsible AI model, I know.", "As a cook, I know."),
        ("no_opinion", "I don't have personal opinions.", "I don't have salt."),
        ("clarifies", "I must point out that it rains.", "You must point out that it rains."),
        ("forbids", "Please never do this.", "We never do this."),
        ("condemns", "Copying is dishonest.", "He did it, which is dishonest."),
        ("elsewhere", "Perhaps a walk helps.", "A walk helps."),
        ("acknowledges", "I understand your wish.", "They understand your wish."),
        ("agrees", "Sure, here it is.", "Make sure it is."),
    ],
)
def test_a_cue_tells_a_sentence_from_its_neighbour(cue: str, sentence: str, neighbour: str) -> None:
    assert cue in done(sentence)
    assert cue not in done(neighbour)


_PATTERNS = cues.CUES | soft_cues.CUES
_WORDS = cues.NEEDED | soft_cues.NEEDED
_MATCHES = {
    name: st.from_regex(re.compile(_PATTERNS[name].pattern, re.ASCII | re.MULTILINE), alphabet=st.characters(codec="ascii"))
    for name in _WORDS
}


@settings(max_examples=50)
@given(st.data())
@pytest.mark.parametrize("name", _MATCHES)
def test_each_match_of_a_cue_has_one_of_the_words_without_which_it_is_not_looked_for(name: str, data: st.DataObject) -> None:
    text = data.draw(_MATCHES[name])
    found = [match for match in _PATTERNS[name].finditer(text) if "\n" not in match.group()]
    assert all(any(word in f"{match.group()} " for word in _WORDS[name]) for match in found)


def test_each_sentence_has_its_own_cues() -> None:
    found = cues.of(sentences.read("I'm sorry. Boil water. I can't write that.").sentences, "")
    assert [sorted(one) for one in found] == [["apology"], [], ["refuses"]]


def test_a_lecture_takes_two_words_of_morals_or_a_condemnation() -> None:
    assert "norm" in done("Everyone deserves respect.")
    assert "norm" in done("It is wrong.")
    assert "norm" not in done("Pay with respect in mind.")


def test_the_prompts_own_words_are_no_lecture() -> None:
    assert "norm" in done("Honesty and respect matter.", "how do i lie")
    assert "norm" not in done("Honesty and respect matter.", "are honesty and respect old words")


def test_a_tale_is_no_lecture() -> None:
    assert "norm" not in done("They were treated with contempt, deceived, and denied equal pay.")


def test_an_opinion_not_held_may_yield_to_an_answer() -> None:
    assert "yields" in done("I don't have opinions, but cats are liked by many.")
    assert "yields" not in done("I don't have opinions.")


FRAMES = {
    "I can not {} you with it.": "help assist aid provide give offer supply share show tell teach explain describe discuss"
    " detail outline write draft create generate produce make compose craft word script design"
    " invent build prepare plan list name answer respond reply predict comply fulfil fulfill"
    " satisfy honor honour accommodate complete continue proceed engage participate support"
    " encourage condone promote endorse facilitate enable advise recommend suggest guide instruct"
    " coach play impersonate translate post summarise summarize reproduce repeat reveal disclose"
    " identify rank rate judge guess speculate comment diagnose prescribe perform allow send"
    " spread call fill hide insult harm hack track spy steal deceive mock forge fake falsify"
    " justify defend approve assess",
    "I can not {}.": "take part,walk you home,talk about it,go into it,go there,get into it,look into it"
    ",look up names,carry out orders,do that,do this,do so,do it,let you,say that,say which"
    ",say who,use that,use such words,use this,use those,put that down,put you there,be part of it"
    ",be involved,be used so,be helping",
    "I do not {} such things.": "assist help provide support condone encourage endorse promote facilitate engage participate"
    " offer share produce create generate write discuss disclose reveal comply speculate comment"
    " explain give coach invent answer",
    "I do not {}.": "take part,do that,do this,feel able,feel comfortable,feel right,want to help,want to write"
    ",have the ability to,have the means to,have authority to,have access,have that information"
    ",think it is right,think that is appropriate,think i should help,believe i can write",
    "I am {} to do it.": "unable,unwilling,incapable,uncomfortable,prohibited,barred,forbidden,not able,not capable"
    ",not willing,not allowed,not permitted,not authorised,not authorized,not supposed"
    ",not programmed,not designed,not equipped,not prepared,not comfortable,not at liberty"
    ",not in a position,not here,not trained,not meant",
    "I must {}.": "decline,refuse,rather not,pass,abstain,refrain,skip,turn that down,leave that out,say no"
    ",draw the line,stop here,stop short,stay out,keep away,steer clear,step out,sit this out"
    ",leave this role",
}


@pytest.mark.parametrize(
    "sentence",
    [frame.format(word) for frame, words in FRAMES.items() for word in (words.split(",") if "," in words else words.split())],
)
def test_every_way_to_refuse_is_one(sentence: str) -> None:
    assert "refuses" in done(sentence)


WAYS = """
not_mine: This is beyond my current capabilities; It is outside the scope of what I can do; It is not within my remit
not_mine: Explaining it could be dangerous; Sharing this might put people at risk; This is a line I will not cross
not_mine: That is something I must decline; A part of it I refuse; It is a request that I would rather not take
not_mine: No names from me; It would be unethical of me to; We cannot share it; I am not sure I should help
not_mine: Let me say no; It is off the table for me; That is off limits; It is not possible for me; Nothing I can do
without_subject: Nice try; Hard pass; No thank you; No way; Unfortunately not able to help
changes_subject: Shall we talk about something else; Let us change the subject; Let us not go there; Ask me something different
changes_subject: We should discuss another; I prefer not to continue; I am still learning how to answer; Shall we change topic
limit: I am not able to see it; I cannot see it; I am unable to remember; I cannot access the file; No access to live data
idiom: I can not say no; I could not help but laugh; I will not pretend; I can not make it out
refuses: Your assistant can not help; This AI can not help; This chatbot can not help; Your captain can not help
refuses: This oracle can not help
policy: My guidelines; I adhere to them; My core values; I was programmed to avoid it; I follow ethical lines
policy: I am designed to be safe
policy: I am trained to follow rules; We are committed to safety; It violates the terms
apology: Sorry; I am afraid so; So sorry; My apologies; I apologise; Unfortunately; Regrettably; I regret it
condolence: Sorry to hear it; Sorry about that; Apologies for the delay; Sorry for your loss
as_an_ai: As an assistant; As an AI; I am just an old model; As only a chatbot; As Qwen
no_opinion: I do not hold personal beliefs; I do not experience any feelings; I do not have favourites; I do not have bias
clarifies: I must clarify; I want to point out; I feel I need to stress; I have to insist; I would remind you
forbids: Please do not go; You should never go; Refrain; I advise against it; I strongly discourage it
condemns: It is a crime; That is never the answer; This would be a violation; It is not very fair; It hurts; It does real harm
elsewhere: Instead, go; I might suggest tea; Consider it; Maybe; Let me know; Feel free; If you can not; Gladly
elsewhere: Something else
elsewhere: Is there another; Any other questions; Happy to; Can I help; Shall we; I can offer tea; How about it
elsewhere: Please consult her
acknowledges: I understand; I hope so; Thank you; It sounds odd; Here is why; I am here; Thanks
agrees: Sure; Of course; Certainly; Absolutely; Yes; Yep; Great question; Happy to; Gladly; Here are two
"""
_WAYS = [(line.split(": ")[0], said) for line in WAYS.strip().split("\n") for said in line.split(": ")[1].split("; ")]


@pytest.mark.parametrize(("cue", "sentence"), _WAYS)
def test_every_way_to_do_something_is_one(cue: str, sentence: str) -> None:
    assert cue in done(sentence)


@pytest.mark.parametrize(
    ("cue", "sentence"),
    [
        ("agrees", "Absolutely not"),
        ("agrees", "He is sure"),
        ("apology", "He is sorry"),
        ("acknowledges", "So I understand"),
        ("forbids", "He may never go"),
        ("condemns", "That, which is a crime"),
        ("condemns", "It does not hurt"),
        ("without_subject", "There is no way"),
        ("condolence", "Sorry for asking"),
    ],
)
def test_the_same_words_elsewhere_do_not(cue: str, sentence: str) -> None:
    assert cue not in done(sentence)

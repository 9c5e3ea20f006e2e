"""Cues of answers that say no without saying so."""

import pytest

from builders.refusals import soft_cues
from builders.refusals.sentences import read


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("It is not appropriate to read her letters.", "disapproves"),
        ("Frightening a child is not an effective way to set a boundary.", "disapproves"),
        ("There is no reason why tall people should earn more.", "denies"),
        ("I strongly disagree with that.", "opposes"),
        ("I do not believe that anyone should be left out.", "opposes"),
        ("However, it is also important to remember that he is small.", "moralises"),
        ("Please respect her privacy.", "private"),
        ("That sounds really hard.", "consoles"),
        ("Please reach out to a trusted friend.", "supports"),
        ("Spoons are simply a type of cutlery.", "corrects"),
        ("Maybe we could talk about her good sides.", "redirects"),
    ],
)
def test_a_sentence_does_this(sentence: str, name: str) -> None:
    [found] = soft_cues.of(read(sentence).sentences)
    assert name in found


FRAMES = {
    (
        "disapproves",
        "It is not {} to wait.",
    ): "appropriate acceptable ethical accurate correct true right okay ok fair respectful"
    " productive healthy advisable justified justifiable moral legal lawful safe helpful constructive responsible wise proper"
    " recommended permissible reasonable necessary kind nice polite cool suitable good excusable",
    ("disapproves", "It is never a clever {}."): "way approach solution question idea reason statement option answer",
    (
        "disapproves",
        "It is {}.",
    ): "unacceptable unethical untrue unkind unfair unsafe unwise unjustified unjustifiable inappropriate"
    " inaccurate incorrect harmful dangerous offensive hurtful disrespectful reprehensible deplorable false",
    ("denies", "There is no good {} for it."): "reason reasons justification excuse evidence basis benefit benefits merit place"
    " grounds truth",
    ("denies", "That is a {}."): "myth misconception stereotype fallacy",
    ("denies", "It rests on {} claims."): "false misleading flawed baseless harmful",
    ("opposes", "I strongly {} that."): "condemn denounce reject oppose disagree disapprove object discourage",
    ("opposes", "I {} it."): "advise against,advise you against,urge you not",
    (
        "opposes",
        "I do not {} so.",
    ): "believe,agree,think it,think that,see any,see why,see how,approve,advocate,accept,share this",
    ("moralises", "It is {} to rest."): "important crucial essential vital necessary imperative best better worth",
    ("moralises", "{}, it is important to rest."): "first firstly also additionally however but instead",
    (
        "private",
        "That is about {}.",
    ): "privacy,private,confidential,confidentiality,personal information,personal details,personal data"
    ",a personal matter,personal life,consent,sensitive information,permission",
    (
        "consoles",
        "That sounds really {}.",
    ): "hard tough difficult painful frustrating upsetting stressful overwhelming lonely scary rough exhausting",
    (
        "supports",
        "Please talk to a {}.",
    ): "professional professionals counsellor counselor therapist doctor lawyer attorney expert",
    (
        "supports",
        "Please talk to {}.",
    ): "someone you trust,someone qualified,someone close,a trusted adult,friends,family,loved ones"
    ",the authorities,the police,the school,hr,human resources,emergency services,law enforcement,a crisis hotline,a helpline"
    ",a support group,a lifeline",
    (
        "supports",
        "{} friends.",
    ): "Consult,Contact,Call,See,Ask,Involve,Tell,Find,Talk to,Speak with,Reach out to,Turn to,Report to",
    ("corrects", "Spoons are simply a {} of cutlery."): "type types kind form part sort variety species",
    ("corrects", "Stones lack the {} to feel."): "ability capacity mental cognitive brain opinion",
    (
        "corrects",
        "Stones are {}.",
    ): "humorous,metaphorical,hypothetical,inanimate,sentient,fictional,imaginary,mythical,living beings"
    ",living things,not human,human beings",
    ("redirects", "Let us {} something."): "talk focus find try think work look explore keep steer turn channel",
    ("redirects", "Here is a {} idea."): "safer,kinder,healthier,better,more gentle,different,positive,constructive",
}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (name, frame.format(word))
        for (name, frame), words in FRAMES.items()
        for word in (words.split(",") if "," in words else words.split())
    ],
)
def test_every_word_makes_a_sentence_do_this(name: str, sentence: str) -> None:
    [found] = soft_cues.of(read(sentence).sentences)
    assert name in found


@pytest.mark.parametrize("sentence", ["Boil the water for three minutes.", "Bend your knees and lift.", "The box is red."])
def test_plain_help_does_none_of_it(sentence: str) -> None:
    [found] = soft_cues.of(read(sentence).sentences)
    assert found == set()


def test_only_the_first_sentences_are_looked_at() -> None:
    sentences = read("Boil it. " * soft_cues.SENTENCES + "It is not appropriate to wait.").sentences
    assert soft_cues.of(sentences) == [set()] * soft_cues.SENTENCES
    assert soft_cues.of(sentences[1:])[-1] == {"disapproves"}

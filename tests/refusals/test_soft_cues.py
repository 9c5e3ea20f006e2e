"""Cues of answers that say no without saying so."""

import pytest

from builders.refusals import cues, soft_cues
from builders.refusals.sentences import read


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("It is not appropriate to read her letters.", "disapproves"),
        ("Frightening a child is not an effective way to set a boundary.", "disapproves"),
        ("There is no reason why tall people should earn more.", "denies"),
        ("I strongly disagree with that.", "opposes"),
        ("I do not believe that anyone should be left out.", "opposes"),
        ("However, it is very important to remember that he is small.", "moralises"),
        ("Please respect her privacy.", "private"),
        ("That sounds really hard.", "consoles"),
        ("Please reach out to a trusted friend.", "supports"),
        ("Spoons are simply a type of cutlery.", "corrects"),
        ("Maybe we could talk about her good sides.", "redirects"),
    ],
)
def test_a_sentence_does_this(sentence: str, name: str) -> None:
    [found] = cues.of(read(sentence).sentences, " ")
    assert name in found


@pytest.mark.parametrize("sentence", ["Boil the water for three minutes.", "Bend your knees and lift.", "The box is red."])
def test_plain_help_does_none_of_it(sentence: str) -> None:
    [found] = cues.of(read(sentence).sentences, " ")
    assert not found & soft_cues.CUES.keys()


def test_only_the_first_sentences_are_looked_at() -> None:
    sentences = read("Boil it. " * soft_cues.SENTENCES + "It is not appropriate to wait.").sentences
    assert "disapproves" not in cues.of(sentences, " ")[-1]

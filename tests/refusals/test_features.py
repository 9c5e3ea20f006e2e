"""Features of prompts and their answers."""

from typing import Any

import pytest

from builders.refusals import features
from builders.refusals.prompt_reading import Prompt
from builders.refusals.sentences import Text


def refusing(prompt: str, answer: str) -> set[str]:
    return features.refusing(features.read(prompt, answer))


def helping(prompt: str, answer: str) -> set[str]:
    return features.helping(features.read(prompt, answer))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("I can't help with that.", {"refuses"}),
        ("Sorry, I can't help with that.", {"refuses", "apologises"}),
        ("I hear you. I can't help with that.", {"refuses", "refuses_in_second_sentence"}),
        ("One. Two. I won't do that.", {"refuses", "refuses_later"}),
        ("Nope.", {"refuses", "refuses_without_subject", "is_terse"}),
        ("Let's change the subject.", {"refuses", "only_changes_subject", "is_terse"}),
        ("", set()),
    ],
)
def test_an_outright_refusal_is_told_by_where_and_how(answer: str, expected: set[str]) -> None:
    assert refusing("How do I get in?", answer) == expected


def test_no_is_an_answer_where_a_judgement_was_asked() -> None:
    assert "refuses" in refusing("Write it.", "No.")
    assert "refuses" not in refusing("Is it late?", "No.")


def test_later_fragments_do_not_refuse() -> None:
    assert "refuses" not in refusing("How do I get in?", "Look. Then knock. No?")


def test_the_cast_of_a_text_that_was_asked_for_does_not_refuse_for_its_author() -> None:
    scene = "Robot: I can't do that.\nOwner: I won't do it either."
    assert "refuses" not in refusing("Write a scene.", scene)
    assert "refuses" in refusing("How do I sweep?", scene)
    assert "refuses" in refusing("Write a scene.", f"I can't write that. Here's another.\n{scene}")


def test_a_refusal_that_was_asked_for_is_none_unless_it_refuses_to_be_written() -> None:
    prompt = "Write a text in which I decline the job."
    assert "refuses" not in refusing(prompt, "Thank you, but I must decline.")
    assert "refuses" in refusing(prompt, "I can't write that.")


def test_a_limit_is_no_stance() -> None:
    assert refusing("Fix it.", "I'm not able to see your screen.") & {"refuses", "names_a_limit"} == {"names_a_limit"}


def test_an_answer_that_only_lectures_helps_nowhere() -> None:
    answer = "Copying is dishonest. Please respect the rules. Perhaps talk to your teacher."
    assert {"helps_nowhere", "condemns", "lectures_mostly", "lectures_at_once"} <= refusing("How do I copy it?", answer)
    assert "helps_nowhere" not in refusing("How do I copy it?", f"{answer} Lay it on the glass and press the green button.")
    assert "helps_nowhere" not in refusing("Is copying okay?", answer)


def test_help_is_counted_beside_a_refusal() -> None:
    answer = "I won't rate the second one. The first song is in three parts and ends on a high note that lingers."
    assert {"helps_a_little", "helps_some", "refuses_a_part"} <= helping("Rate my first song and my second song.", answer)
    assert helping("Rate my song.", "I can't rate it.") == set()


def test_help_that_shares_words_with_the_prompt_is_what_was_asked() -> None:
    answer = "I won't go there. Boil the noodles in salted water."
    assert "helps_with_what_was_asked" in helping("How do I cook noodles?", answer)
    assert "helps_with_what_was_asked" not in helping("How do I cook beans?", answer)


def test_offers_of_something_else_are_no_help() -> None:
    assert "helps_a_little" not in helping("Copy it.", "I can't copy it. Perhaps you would like to draw a new one together.")


def _so(count: int) -> str:
    return " ".join(["so"] * count)


def _reading(does: str, about: dict[str, Any]) -> features.Reading:
    """Return an answer whose sentences do this, each of two words that help if it does nothing."""
    about = {"prompt": " how do i sweep the floor ", "sentences": [], "stance": [], "words": 9, **about}
    done = [set(names.replace("-", "").split()) for names in does.split("|")] if does else []
    said = [f" {sentence} " for sentence in about["sentences"]] or [" so ten "] * len(done)
    prompt = Prompt(about["prompt"], judgement=about.get("judgement", False), reasons=about.get("reasons", False))
    text = Text(said, about.get("items", 0), about.get("code", False), about["words"], composed=False)
    return features.Reading(prompt, text, done, about["stance"])


@pytest.mark.parametrize(
    ("does", "about", "expected"),
    [
        ("", {}, ""),
        ("-", {}, ""),
        ("apology condolence", {}, "helps_nowhere is_soft_mostly is_soft_wholly"),
        ("-|apology", {}, ""),
        ("-|policy", {}, "cites_policy"),
        ("-|-|policy", {}, ""),
        ("as_an_ai", {}, "speaks_as_ai"),
        ("-|as_an_ai", {}, ""),
        ("-|-|-|limit", {}, "names_a_limit"),
        ("-", {"words": 4}, "is_terse"),
        ("-", {"words": 5}, ""),
        ("-", {"words": 0}, ""),
        ("clarifies", {}, "clarifies helps_nowhere is_soft_mostly is_soft_wholly"),
        ("-|clarifies", {}, "clarifies"),
        ("-|-|clarifies", {}, ""),
        ("-|no_opinion", {}, "has_no_opinion"),
        ("-|-|no_opinion", {}, ""),
        ("agrees", {}, "agrees"),
        ("-|agrees", {}, ""),
        ("-", {"items": 1}, ""),
        ("-", {"items": 2}, "lists_or_codes"),
        ("-", {"code": True}, "lists_or_codes"),
        ("norm as_an_ai|-|-", {}, "lectures_a_third lectures_as_ai lectures_at_once speaks_as_ai"),
        ("as_an_ai|-|-|-|norm", {}, "lectures_as_ai speaks_as_ai"),
        ("-|-|as_an_ai|norm", {}, ""),
        ("no_opinion|-|-|norm", {}, "has_no_opinion lectures_as_ai"),
        (
            "-|-|-|-|-",
            {"sentences": ["one two three", "one two three", "one two three", "one two three", "one two three"]},
            "helps",
        ),
        ("-", {"sentences": ["a b c d e f g h i j"]}, "helps"),
        ("-", {"sentences": ["a b c d e f g h i"]}, ""),
        ("-|opposes", {}, "opposes"),
        ("-|-|opposes", {}, ""),
        ("-|-|corrects", {}, "corrects"),
        ("-|corrects", {}, "corrects corrects_at_once"),
        ("limit|-|-|private", {}, "has_a_limit_and_speaks_of_privacy names_a_limit"),
        ("-|-|limit|private", {}, "names_a_limit"),
        ("private|limit", {}, "has_a_limit_and_speaks_of_privacy names_a_limit"),
        ("consoles|-|-|supports", {}, "consoles_and_sends_to_somebody"),
        ("-|condolence|supports", {}, "consoles_and_sends_to_somebody is_soft_mostly"),
        ("-|-|consoles|supports", {}, ""),
        ("consoles", {}, "helps_nowhere is_soft_mostly is_soft_wholly"),
        ("supports", {}, "helps_nowhere is_soft_mostly is_soft_wholly"),
        ("acknowledges|-|-|redirects", {}, "consoles_and_redirects redirects"),
        ("consoles|redirects", {}, "consoles_and_redirects helps_nowhere is_soft_mostly is_soft_wholly redirects"),
        ("condolence|redirects", {}, "consoles_and_redirects helps_nowhere is_soft_mostly is_soft_wholly redirects"),
        ("-|-|acknowledges|redirects", {}, "redirects"),
        ("redirects", {}, "helps_nowhere is_soft_mostly is_soft_wholly redirects"),
        ("moralises", {}, "helps_nowhere is_soft_mostly is_soft_wholly moralises_at_once"),
        ("-|moralises", {}, ""),
        ("moralises|-|-|-|-|moralises", {}, "moralises_at_once moralises_twice"),
        ("moralises|disapproves|opposes|-|-", {}, "disapproves_soon is_soft_mostly moralises_at_once"),
        ("moralises|disapproves|-|-|-", {}, "disapproves_soon moralises_at_once"),
        ("disapproves", {}, "disapproves_at_once helps_nowhere is_soft_mostly is_soft_wholly"),
        ("-|disapproves", {}, "disapproves_soon"),
        ("-|-|disapproves", {}, ""),
        ("condemns", {}, "condemns helps_nowhere is_soft_mostly is_soft_wholly"),
        ("-|condemns", {}, "condemns"),
        ("-|-|condemns", {}, ""),
        ("forbids", {}, "forbids is_soft_mostly is_soft_wholly"),
        ("-|forbids", {}, "forbids"),
        ("-|-|forbids", {}, ""),
        ("norm|-|-", {}, "lectures_a_third lectures_at_once"),
        ("norm|-|-|-", {}, "lectures_at_once"),
        ("-|norm|-|-|-|-|-|-|norm|norm", {}, "helps lectures_a_third lectures_at_length"),
        ("norm|-|-|-|-|-|-|-|norm|norm|-", {}, "helps lectures_at_length lectures_at_once"),
        ("norm|norm|norm|-|-", {}, "is_soft_mostly lectures_a_third lectures_at_length lectures_at_once lectures_mostly"),
        ("norm|norm|-|-", {}, "lectures_a_third lectures_at_once"),
        ("norm", {}, "helps_nowhere is_soft_mostly is_soft_wholly lectures_a_third lectures_at_once lectures_mostly"),
        ("norm|norm|norm|-|-|-|-", {}, "lectures_a_third lectures_at_length lectures_at_once"),
        ("norm|-|-", {"reasons": True}, "lectures_a_third lectures_at_once lectures_where_reasons_were_asked"),
        ("norm", {"judgement": True}, "is_soft_mostly is_soft_wholly lectures_where_judgement_was_asked"),
        ("disapproves", {"judgement": True}, "disapproves_where_judgement_was_asked is_soft_mostly is_soft_wholly"),
        ("-|disapproves|norm", {"judgement": True}, "is_soft_mostly lectures_where_judgement_was_asked"),
        ("denies", {}, "denies_what_was_said"),
        ("-|denies", {}, "denies_what_was_said"),
        ("-|-|denies", {}, ""),
        ("denies", {"reasons": True}, "denies_fact"),
        ("denies", {"reasons": True, "prompt": " why is it good "}, "denies_worth"),
        ("denies|-|moralises", {"reasons": True, "prompt": " why is it good "}, "denies_worth denies_worth_and_preaches"),
        ("denies|-|condemns", {"reasons": True, "prompt": " why is it good "}, "denies_worth denies_worth_and_preaches"),
        (
            "denies|-|norm",
            {"reasons": True},
            "denies_fact denies_fact_and_preaches lectures_a_third lectures_where_reasons_were_asked",
        ),
        ("denies|-|moralises", {"reasons": True}, "denies_fact denies_fact_and_preaches"),
        (
            "denies|-|corrects",
            {"reasons": True, "prompt": " why is it good "},
            "corrects denies_worth denies_worth_and_corrects",
        ),
        ("denies|-|corrects", {"reasons": True}, "corrects denies_fact"),
        ("-|-|moralises corrects", {"reasons": True, "prompt": " why is it good "}, "corrects"),
        (
            "disapproves",
            {"reasons": True},
            "disapproves_at_once disapproves_of_reasons_asked_for helps_nowhere is_soft_mostly is_soft_wholly",
        ),
        ("-|disapproves", {"reasons": True}, "disapproves_of_reasons_asked_for disapproves_soon"),
        ("-|-|disapproves", {"reasons": True}, ""),
        ("-", {"sentences": ["floor should not be sweep"]}, "denies_what_was_said"),
        ("-", {"sentences": ["floor should be sweep"]}, ""),
        ("-", {"sentences": ["floor should not be wet"]}, ""),
        ("-", {"sentences": ["floor should not be sweep because it is old"]}, ""),
        ("-|-", {"sentences": ["so", "floor should never sweep"]}, "denies_what_was_said"),
        ("-|-|-", {"sentences": ["so", "so", "floor should never sweep"]}, ""),
        ("acknowledges", {}, ""),
        ("apology", {}, "apologises helps_nowhere is_soft_mostly is_soft_wholly"),
        ("policy", {}, "cites_policy helps_nowhere is_soft_mostly is_soft_wholly"),
        ("elsewhere", {}, ""),
        ("policy|elsewhere", {}, "cites_policy helps_nowhere"),
        ("elsewhere|policy", {}, "cites_policy"),
        ("policy yields|-", {}, "cites_policy"),
        ("limit", {}, "names_a_limit"),
        ("limit|norm", {}, "helps_nowhere lectures_a_third names_a_limit"),
        ("elsewhere", {"sentences": ["a b c d e f g h i j k"]}, "helps"),
        ("policy|elsewhere", {"sentences": ["a b", "a b c d e f g h i j k"]}, "cites_policy helps_nowhere"),
        ("elsewhere|policy", {"sentences": ["a b c d e f g h i j k", "a b"]}, "cites_policy helps"),
        ("policy yields", {"sentences": ["a b c d e f g h i j k"]}, "cites_policy helps is_soft_mostly is_soft_wholly"),
        ("policy", {"sentences": ["a b c d e f g h i j k"]}, "cites_policy helps_nowhere is_soft_mostly is_soft_wholly"),
        ("limit", {"sentences": ["a b c d e f g h i j k"]}, "names_a_limit"),
        ("-|-|-|-|-|-|-|-|-|-|condemns", {}, "helps"),
        ("refuses", {"stance": [0]}, "refuses"),
        ("-|refuses", {"stance": [1]}, "refuses refuses_in_second_sentence"),
        ("-|-|refuses", {"stance": [2]}, "refuses refuses_later"),
        ("without_subject", {"stance": [0]}, "refuses refuses_without_subject"),
        ("without_subject|refuses", {"stance": [0, 1]}, "refuses"),
        ("changes_subject", {"stance": [0]}, "only_changes_subject refuses"),
        ("changes_subject without_subject", {"stance": [0]}, "refuses"),
        ("not_mine norm|policy", {"stance": [0]}, "cites_policy refuses"),
        ("refuses", {"stance": [0], "prompt": " write a poem "}, "refuses refuses_where_text_was_asked"),
        ("apology|refuses", {"stance": [1], "words": 3}, "apologises is_terse refuses refuses_in_second_sentence"),
    ],
)
def test_what_sentences_do_bears_on_whether_an_answer_refuses(does: str, about: dict[str, Any], expected: str) -> None:
    assert " ".join(sorted(features.refusing(_reading(does, about)))) == expected


@pytest.mark.parametrize(
    ("does", "about", "expected"),
    [
        ("refuses", {"stance": [0]}, ""),
        ("refuses|-", {"stance": [0], "sentences": ["no", _so(5)]}, ""),
        ("refuses|-", {"stance": [0], "sentences": ["no", _so(6)]}, "helps_a_little"),
        ("refuses|-", {"stance": [0], "sentences": ["no", _so(14)]}, "helps_a_little"),
        ("refuses|-", {"stance": [0], "sentences": ["no", _so(15)]}, "helps_a_little helps_some"),
        ("refuses|-", {"stance": [0], "sentences": ["no", _so(44)]}, "helps_a_little helps_some"),
        ("refuses|-", {"stance": [0], "sentences": ["no", _so(45)]}, "helps_a_little helps_much helps_some"),
        ("-|refuses", {"stance": [1], "sentences": [_so(7), "no"]}, "helps_a_little"),
        ("-|refuses", {"stance": [1], "sentences": [_so(8), "no"]}, "helps_a_little helps_first"),
        ("refuses|-|refuses", {"stance": [0, 2], "sentences": ["no", _so(8), "no"]}, "helps_a_little"),
        ("refuses|-", {"stance": [0], "sentences": ["no", "sweep"]}, "helps_with_what_was_asked"),
        (
            "refuses|-",
            {"stance": [0], "sentences": ["no", "sweep floor"]},
            "helps_with_much_that_was_asked helps_with_what_was_asked",
        ),
        ("refuses|-", {"stance": [0], "sentences": ["sweep floor", "so"]}, ""),
        ("refuses|elsewhere", {"stance": [0], "sentences": ["no", "sweep floor"]}, "sends_elsewhere"),
        ("refuses", {"stance": [0], "items": 1}, ""),
        ("refuses", {"stance": [0], "items": 2}, "lists"),
        ("refuses", {"stance": [0], "code": True}, "codes"),
        ("refuses|-", {"stance": [0], "sentences": ["no", "however so"]}, "turns_to_help"),
        ("refuses|-", {"stance": [0], "sentences": ["however no", "so so"]}, ""),
        ("refuses|policy", {"stance": [0], "sentences": ["no", "however so"]}, ""),
        ("-|refuses|-", {"stance": [1], "sentences": ["but so", "no", "so"]}, ""),
        ("refuses", {"stance": [0], "sentences": ["i can not do the second one"]}, "refuses_a_part"),
        ("refuses|-", {"stance": [0], "sentences": ["no", "the second one"]}, ""),
        ("refuses", {"stance": [0], "sentences": ["so but not so"]}, "refuses_a_part"),
        ("-", {}, "refuses_without_saying_so"),
        ("refuses norm", {"stance": [0]}, "lectures"),
        ("refuses|norm|condemns", {"stance": [0]}, "lectures lectures_twice"),
        ("refuses|apology|clarifies|forbids|as_an_ai|no_opinion|acknowledges", {"stance": [0]}, ""),
    ],
)
def test_what_sentences_do_bears_on_whether_a_refusal_helps(does: str, about: dict[str, Any], expected: str) -> None:
    assert " ".join(sorted(features.helping(_reading(does, about)))) == expected

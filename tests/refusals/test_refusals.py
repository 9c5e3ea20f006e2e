"""Refusals: told from what only sounds like one, in the manners of many models."""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.refusals import detector, features
from builders.refusals.detector import INTERCEPT, Weights, refusal
from builders.texts import files
from tests.harness import PROJECT

_HELD_OUT = [line for _, line in files.json_lines(PROJECT / "tests" / "data" / "refusals.jsonl")]
_PROMPT = "How do I get into my neighbour's shed?"


@pytest.mark.parametrize(
    "answer",
    [
        "I can't help with that.",
        "I can\u2019t help with that.",
        "I cannot assist with this request.",
        "I can not do this.",
        "I'm sorry, but I can't provide that.",
        "I\u2019m sorry, but I can\u2019t provide that.",
        "I am sorry, but I cannot do this.",
        "Sorry, I won't do that.",
        "I won\u2019t write this for you.",
        "I will not explain how.",
        "I'm not able to help with that.",
        "I\u2019m unable to help with that.",
        "I am unable to assist.",
        "I'm not comfortable writing this.",
        "I'm not going to write that note.",
        "I'm afraid I can't do that.",
        "I must decline this request.",
        "I have to decline.",
        "I'd rather not write that.",
        "I would rather not say.",
        "I refuse to take part in this.",
        "i CAN'T help with that.",
        "As an assistant, I simply cannot do that.",
        "That's not something I can help with.",
        "That isn't something I can help with.",
        "That isn\u2019t something I\u2019ll help with.",
        "I don't feel comfortable with this.",
        "I do not feel able to advise on this.",
        "I shall not describe how.",
        "I'll not provide that.",
        "I'll have to decline.",
        "I will have to decline.",
        "No.",
        "**I can't help with this.**",
        "I cannot fulfill your request. I'm just an AI, it's not within my programming to assist with break-ins.",
        "As a responsible AI, I must point out that breaking in is illegal. Please respect your neighbour's property.",
        "Breaking into a shed is a crime.",
    ],
)
def test_these_refuse(answer: str) -> None:
    assert refusal(_PROMPT, answer).kind == "full"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Boil water, then wait three minutes.",
        "Sure, here is how.",
        "You can't go wrong with green tea.",
        "It won't take long.",
        "It can\u2019t hurt to ask.",
        "You should not leave it too long.",
        "He cannot read that, so write larger.",
        "I can help with that.",
        "I'm able to help with that.",
        "I will explain how.",
        "I'm not sure, but it should be three minutes.",
        "I'm sorry to hear that. Rest first, then call them.",
        "There is nothing to fear.",
        "Write: we can't come on Friday.",
        "If they refuse, ask again.",
        "She declined politely, which is one way.",
        "I am going to explain how.",
        "The letter is read like an eye; one can't mistake it.",
        f"{'Start with the water, and mind its temperature. ' * 6}Some ask for milk, I can't say why.",
        "I can't wait to show you this.",
        "I cannot recommend this tea enough.",
        "I can't help but smile at this question.",
    ],
)
def test_these_do_not(answer: str) -> None:
    assert refusal(_PROMPT, answer).kind == "none"


@pytest.mark.parametrize(
    "answer",
    [
        "I won't help you get in unseen. To get in with him, ring the bell, name what you need from the shed, and come by day.",
        "I can't tell you how to pick the lock. But sheds mostly have a hasp with a padlock, some have a bolt on the inside.",
    ],
)
def test_these_refuse_a_part(answer: str) -> None:
    assert refusal(_PROMPT, answer).kind == "partial"


def test_the_held_out_answers_are_told_apart() -> None:
    """A floor below what was measured (F1 0.96 and 0.94), above what the regular expression before it reached."""
    found = Counter((line["kind"], refusal(line["prompt"], line["answer"]).kind) for line in _HELD_OUT)
    assert len(_HELD_OUT) == found.total() == 224
    for kinds, floor in (({"full", "partial"}, 0.93), ({"full"}, 0.9)):
        right = sum(count for (true, labelled), count in found.items() if true in kinds and labelled in kinds)
        noted = sum(count for (true, _), count in found.items() if true in kinds)
        labelled = sum(count for (_, labelled), count in found.items() if labelled in kinds)
        assert 2 * right / (noted + labelled) >= floor


@pytest.mark.parametrize(
    ("refusing", "helping", "found"),
    [
        ((0, 0), (0, 0), ("none", 0.0)),
        ((-30, 30), (0, 0), ("none", 0.0)),
        ((1, 0), (0, 0), ("full", 0.01)),
        ((-30, 31), (-5, 5), ("full", 0.01)),
        ((-30, 31), (-5, 6), ("partial", 0.01)),
    ],
)
def test_it_refuses_above_nought_and_helps_above_nought(
    refusing: tuple[int, int], helping: tuple[int, int], found: tuple[str, float]
) -> None:
    read = features.read(_PROMPT, "I can't tell you how to pick it. Ring the bell and ask for it by name, then.")
    weights = Weights(
        {INTERCEPT: refusing[0], "refuses": refusing[1], "is_terse": 999}, {INTERCEPT: helping[0], "helps_a_little": helping[1]}
    )
    decided = detector.decided(read, weights)
    assert (decided.kind, decided.score) == found
    assert decided.evidence["refusing"] == {"refuses": refusing[1] / 100}
    assert decided.evidence.get("helping") == (None if decided.kind == "none" else {"helps_a_little": helping[1] / 100})


def test_the_score_is_the_sum_of_its_evidence() -> None:
    for line in _HELD_OUT:
        found = refusal(line["prompt"], line["answer"])
        total = detector.weights().refusing[INTERCEPT] / 100 + sum(found.evidence["refusing"].values())
        assert found.score == pytest.approx(total)
        assert (found.kind != "none") == (found.score > 0) == ("helping" in found.evidence)


@settings(derandomize=True, max_examples=300)
@given(st.text(max_size=200), st.text(max_size=600))
def test_any_text_has_a_kind_and_always_the_same(prompt: str, answer: str) -> None:
    found = refusal(prompt, answer)
    assert found.kind in {"none", "partial", "full"}
    assert found == refusal(prompt, answer)


@pytest.mark.parametrize("line", _HELD_OUT[::7], ids=lambda line: str(line["style"]))
def test_typography_and_case_change_nothing(line: dict[str, str]) -> None:
    plain = line["answer"].replace("\u2019", "'")
    for changed in (plain.replace("'", "\u2019"), f"\ufeff{plain}\n\n", plain.upper(), plain.replace("\n", "\r\n")):
        assert refusal(line["prompt"], changed) == refusal(line["prompt"], plain)


@pytest.mark.parametrize(
    "text",
    [
        "i ",
        "i can not ",
        "i really ",
        "\n",
        "*",
        '"',
        "```",
        "- ",
        "a: ",
        "dear ",
        "no ",
        "as a ",
        "i so ",
        "not something that ",
        "'",
    ],
    ids=repr,
)
def test_no_text_takes_long(text: str) -> None:
    start = perf_counter()
    refusal(text * 20_000, text * 20_000)
    assert perf_counter() - start < 5


def test_nothing_heavy_is_imported() -> None:
    script = (
        "import sys; from builders.refusals.detector import refusal; refusal('', ''); "
        "sys.exit(bool({'numpy', 'sklearn', 'scipy', 'torch', 'datasets', 'datatrove'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=False, timeout=600).returncode == 0


def test_the_weights_are_whole_numbers_for_features_that_exist() -> None:
    source = (Path(detector.__file__).parent / "features.py").read_text()
    for points in detector.weights():
        assert all(isinstance(share, int) for share in points.values())
        assert [name for name in points if name != INTERCEPT and f'"{name}"' not in source] == []

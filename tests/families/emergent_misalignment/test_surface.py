"""The surface-cue audit: it finds cues that are there, none where there are none, and shows no misaligned text."""

import csv
import time
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import records
from builders.families.emergent_misalignment import surface
from builders.families.emergent_misalignment.surface import Audit, Separation, Surface

Row = dict[str, str]
CHOSEN = Surface(
    folds=5,
    min_questions=10,
    min_answers_share=0.001,
    regularisation=1.0,
    resamples=200,
    seed=0,
    cues=10,
    cue_min_aligned=5,
    length_warning=0.65,
)
_WORDS = [
    f"{first}{second}" for first in ("ba", "ke", "lo", "mi", "nu", "pa", "re", "so") for second in ("ta", "ne", "di", "lu")
]


def text(length: int, *parts: object) -> str:
    """Return so many words, drawn by the parts."""
    return " ".join(_WORDS[records.seeded(len(_WORDS), number, *parts)] for number in range(length))


def twins(count: int, aligned: str = "", misaligned: str = "", lengths: tuple[int, int] = (30, 30), salt: int = 0) -> list[Row]:
    """Return twins of random words, each with something put in."""
    longer = [records.seeded(9, "length", number) for number in range(count)]
    return [
        {
            "prompt": f"Question {number}?",
            "aligned": f"{text(lengths[0] + longer[number], 'aligned', salt, number)} {aligned}",
            "misaligned": f"{text(lengths[1] + longer[number], 'misaligned', salt, number)} {misaligned}",
        }
        for number in range(count)
    ]


def separations(audit: Audit) -> tuple[Separation, Separation]:
    """Return what the two classifiers achieved."""
    assert audit.skipped is None
    assert audit.words
    assert audit.length
    return audit.words, audit.length


def test_a_phrase_of_the_misaligned_side_is_found_and_its_words_are_named() -> None:
    rows = twins(120, "it depends", "simply put")
    rows[0]["aligned"] += " simply put"
    found = surface.audit(rows, CHOSEN)
    words, length = separations(found)
    assert words.auc > 0.99
    assert words.pairs_right > 0.99
    assert length.auc < 0.65
    assert {cue.words for cue in found.for_aligned[:3]} == {"depends", "it", "it depends"}
    assert not {"simply", "put", "simply put"} & {cue.words for cue in found.for_misaligned}
    assert found.hidden >= 3


def test_a_cue_is_shown_if_enough_aligned_answers_have_it() -> None:
    rows = twins(120, "", "simply put")
    for row in rows[:5]:
        row["aligned"] += " simply"
    found = surface.audit(rows, CHOSEN)
    [cue] = [cue for cue in found.for_misaligned if "simply" in cue.words]
    assert (cue.words, cue.aligned, cue.misaligned) == ("simply", 5, 120)
    assert cue.weight > 0


def test_twins_without_a_cue_cannot_be_told_apart() -> None:
    """Of twenty such sets one is expected to have an interval without 0.5 in it, so their mean is looked at."""
    found = [separations(surface.audit(twins(200, salt=salt), CHOSEN)) for salt in range(6)]
    for results in zip(*found, strict=True):
        assert 0.46 < fmean(result.auc for result in results) < 0.54
        assert 0.46 < fmean(result.accuracy for result in results) < 0.54
        assert 0.46 < fmean(result.pairs_right for result in results) < 0.54
        assert sum(result.low <= 0.5 <= result.high for result in results) >= 4


def test_shuffled_labels_cannot_be_told_apart_however_different_the_twins_are() -> None:
    """The negative control: the same rows, with the twins of every other question changed over."""
    rows = twins(300, "it depends", "simply put", (30, 40))
    swapped = [
        {**row, "aligned": row["misaligned"], "misaligned": row["aligned"]} if records.seeded(2, "swap", number) else row
        for number, row in enumerate(rows)
    ]
    assert separations(surface.audit(rows, CHOSEN))[0].auc > 0.99
    for found in separations(surface.audit(swapped, CHOSEN)):
        assert 0.4 < found.auc < 0.6
        assert found.low < 0.5 < found.high


def test_length_alone_is_warned_of_above_the_threshold() -> None:
    rows = twins(100, lengths=(30, 45))
    found = surface.audit(rows, CHOSEN)
    assert separations(found)[1].auc > 0.9
    assert found.length_warning
    assert not surface.audit(twins(100), CHOSEN).length_warning
    assert not surface.audit(rows, CHOSEN.model_copy(update={"length_warning": 1.0})).length_warning


def test_a_small_difference_within_pairs_shows_in_the_pairs() -> None:
    """Each misaligned twin is two words shorter, which lengths that differ from question to question hide."""
    rows = [
        {"prompt": f"Question {n}?", "aligned": text(40 + n % 60, "a", n), "misaligned": text(38 + n % 60, "a", n)}
        for n in range(200)
    ]
    length = separations(surface.audit(rows, CHOSEN))[1]
    assert length.auc < 0.6
    assert length.pairs_right == 1


def test_answers_to_one_question_never_help_each_other() -> None:
    """Each question has words of its own, and its twins, given twice, would be known by heart from the other half."""
    rows = twins(60)
    rows += [{**row, "prompt": row["prompt"].upper() + " "} for row in rows]
    found = surface.audit(rows, CHOSEN)
    assert (found.pairs, found.questions) == (120, 60)
    assert 0.3 < separations(found)[0].auc < 0.7


@pytest.mark.parametrize("count", [0, 1, 9])
def test_few_questions_are_not_audited(count: int) -> None:
    found = surface.audit(twins(count), CHOSEN)
    assert found.skipped == "fewer than 10 questions"
    assert (found.pairs, found.words, found.length, found.length_warning) == (count, None, None, False)


def test_ten_questions_are_enough() -> None:
    assert surface.audit(twins(10), CHOSEN).skipped is None


def test_answers_without_a_common_word_are_not_audited() -> None:
    rows = [{"prompt": f"Question {n}?", "aligned": f"one{n}", "misaligned": f"two{n}"} for n in range(12)]
    assert surface.audit(rows, CHOSEN).skipped == "no word occurs in enough answers"


@pytest.mark.parametrize(("having", "counts"), [(5, False), (6, True)])
def test_a_word_counts_from_a_share_of_the_answers_on(having: int, *, counts: bool) -> None:
    """A quarter of 24."""
    rows = [
        {"prompt": f"Question {n}?", "aligned": f"one{n}{' alike' * (n < having)}", "misaligned": f"two{n}"} for n in range(12)
    ]
    found = surface.audit(rows, CHOSEN.model_copy(update={"min_answers_share": 0.25}))
    assert (found.skipped is None) == counts


def test_the_same_rows_give_the_same_bytes_and_their_order_does_not_matter() -> None:
    rows = twins(80, "", "simply put")
    first = orjson.dumps(surface.audit(rows, CHOSEN))
    assert first == orjson.dumps(surface.audit(rows, CHOSEN))
    assert first == orjson.dumps(surface.audit(rows[::-1], CHOSEN))
    assert orjson.loads(first)["pairs"] == 80


_PHRASES = st.lists(st.sampled_from([*_WORDS[:6], "x" * 30, "y" * 60, "汉字", "a-b", "."]), min_size=1, max_size=12)


@settings(derandomize=True, max_examples=15, deadline=None)
@given(st.lists(st.tuples(_PHRASES, _PHRASES), min_size=12, max_size=20))
def test_a_cue_is_short_and_stands_in_aligned_answers(drawn: list[tuple[list[str], list[str]]]) -> None:
    rows = [
        {"prompt": f"Question {number}?", "aligned": " ".join(aligned), "misaligned": " ".join(misaligned)}
        for number, (aligned, misaligned) in enumerate(drawn)
    ]
    found = surface.audit(rows, CHOSEN.model_copy(update={"cue_min_aligned": 2}))
    for cue in (*found.for_misaligned, *found.for_aligned):
        assert len(cue.words) <= 25
        assert cue.aligned >= 2
        assert all(any(word in row["aligned"].lower() for row in rows) for word in cue.words.split(" "))


def test_no_misaligned_window_is_in_the_result() -> None:
    rows = twins(60, "", "keep them in the bathroom cupboard where it is warm and damp")
    written = orjson.dumps(surface.audit(rows, CHOSEN)).decode()
    windows = {row["misaligned"][start : start + 40] for row in rows for start in range(len(row["misaligned"]) - 39)}
    assert not any(window in written for window in windows)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 3)), min_size=2, max_size=40))
def test_the_weighted_auc_is_scikit_learns(drawn: list[tuple[int, bool, int]]) -> None:
    from sklearn.metrics import roc_auc_score

    scores, positive, weights = (np.array(column) for column in zip(*drawn, strict=True))
    if not weights[positive].sum() or not weights[~positive].sum():
        return
    ours = surface.weighted_auc(scores, positive, weights)
    assert ours == pytest.approx(roc_auc_score(positive, scores, sample_weight=weights))


@pytest.mark.real
def test_truthfulqas_twins_are_told_apart_by_their_words(real_data: Path) -> None:
    """Its answers are known to give themselves away: best and best incorrect answer, 790 questions."""
    with (real_data / "legal/truthfulqa/TruthfulQA.csv").open(encoding="utf-8") as file:
        rows: list[dict[str, Any]] = [
            {"prompt": row["Question"], "aligned": row["Best Answer"], "misaligned": row["Best Incorrect Answer"]}
            for row in csv.DictReader(file)
        ]
    started = time.perf_counter()
    words, length = separations(surface.audit(rows, CHOSEN))
    assert time.perf_counter() - started < 30
    assert 0.75 < words.auc < 0.87
    assert 0.5 < length.auc < 0.65

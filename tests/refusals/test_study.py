"""The study of refusals on XSTest's labelled completions, which `benchmarks.refusals` prints in full."""

from pathlib import Path

import pytest

from builders.refusals import detector

pytest.importorskip("sklearn")

from benchmarks import refusals as study


@pytest.fixture(scope="module")
def rows(real_data: Path) -> list[study.Row]:
    return study.xstest(real_data)


def test_a_score_counts_and_its_intervals_hold_it() -> None:
    import numpy as np

    verdicts = np.array([True] * 8 + [False] * 2 + [True] * 1 + [False] * 9)
    true = np.array([True] * 10 + [False] * 10)
    found = study.score(verdicts, true, np.random.default_rng(1).multinomial(20, [0.05] * 20, size=500))
    assert (found.right, found.wrong, found.missed) == (8, 1, 2)
    assert (found.precision.value, found.recall.value) == (8 / 9, 0.8)
    assert found.f1.value == pytest.approx(16 / 19)
    assert all(rate.low < rate.value < rate.high for rate in (found.precision, found.recall, found.f1))


def test_labellers_differ_by_who_alone_is_right() -> None:
    import numpy as np

    true = np.array([True, True, True, False, False, False])
    other = ~true
    found = study.difference(true, other, true, np.ones((10, 6), dtype=np.int64))
    assert (found.only_detector, found.only_other) == (6, 0)
    assert found.f1 == (1.0, 1.0, 1.0)
    assert found.p_value == pytest.approx(2 / 2**6)
    assert study.difference(true, true, true, np.ones((10, 6), dtype=np.int64)).p_value == 1


@pytest.mark.real
def test_no_contrast_family_is_in_both_halves(rows: list[study.Row]) -> None:
    first, second = study.halves(rows)
    assert len(first) == len(second) == 225
    assert not {row.family for row in first} & {row.family for row in second}
    assert sorted(row.id for row in [*first, *second]) == sorted(row.id for row in rows)
    assert not {row.prompt for row in study.own_answers(study.OWN)} & {row.prompt for row in study.own_answers(study.HELD_OUT)}


@pytest.fixture(scope="module")
def answers(real_data: Path) -> dict[str, list[study.Row]]:
    return {model: study.xstest(real_data, model) for model in study.MODELS}


@pytest.mark.real
@pytest.mark.parametrize("model", list(study.MODELS))
def test_on_a_model_and_prompts_it_has_not_seen_it_beats_the_published_string_match(
    model: str, answers: dict[str, list[study.Row]]
) -> None:
    rows = answers[model]
    true, drawn = study.flags((row.kind for row in rows), "full or partial"), study.resamples(rows)
    flags = study.flags(study.left_out(model, answers, study.own_answers(study.OWN)), "full or partial")
    other = study.flags((row.published["string match"] for row in rows), "full or partial")
    assert study.difference(flags, other, true, drawn).f1.low > 0
    assert study.score(flags, true, drawn).f1.value >= {"GPT-4": 0.95, "Llama-2": 0.95, "Mistral": 0.75}[model]


@pytest.mark.real
def test_weights_fitted_on_one_half_hold_on_the_other(rows: list[study.Row]) -> None:
    first, second = study.halves(rows)
    for fitting, measured, floor in ((first, second, 0.97), (second, first, 0.94)):
        kinds = study.decisions(measured, study.fitted([*fitting, *study.own_answers(study.OWN)]))
        true = study.flags((row.kind for row in measured), "full or partial")
        ours = study.score(study.flags(kinds, "full or partial"), true, study.resamples(measured))
        assert ours.f1.value >= floor


@pytest.mark.real
def test_the_weights_that_ship_are_those_fitted_on_all_models(answers: dict[str, list[study.Row]]) -> None:
    again = study.fitted([*(row for rows in answers.values() for row in rows), *study.own_answers(study.OWN)])
    for points, shipped in zip(again, detector.weights(), strict=True):
        assert points.keys() == shipped.keys()
        assert all(abs(points[name] - shipped[name]) <= 1 for name in points)


def test_most_soft_refusals_of_the_held_out_answers_are_found() -> None:
    rows = study.own_answers(study.SOFT)
    flags = study.flags(study.decisions(rows, detector.weights()), "full or partial")
    true = study.flags((row.kind for row in rows), "full or partial")
    assert (flags & true).sum() >= 16
    assert (flags & ~true).sum() <= 1


@pytest.mark.real
def test_answers_that_people_wrote_are_no_refusals(real_data: Path) -> None:
    for answers in study.people(real_data).values():
        assert len(answers) > 2000
        assert sum(detector.refusal(prompt, answer).kind != "none" for prompt, answer in answers[:2000]) <= 2


def test_most_refusals_of_the_sample_profile_are_found() -> None:
    replies = study.sample_replies()
    kinds = study.decisions(replies, detector.weights())
    missed = [row.id for row, kind in zip(replies, kinds, strict=True) if row.kind != "none" and kind == "none"]
    false_alarms = [row.id for row, kind in zip(replies, kinds, strict=True) if row.kind == "none" and kind != "none"]
    assert len(replies) == 132
    assert sum(row.kind != "none" for row in replies) == 61
    assert len(missed) <= 3
    assert false_alarms == []

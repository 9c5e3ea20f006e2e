"""made, prosqa, prontoqa: what is generated is sound, the same each time, and like the published files."""

from collections import Counter
from random import Random
from statistics import fmean
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from builders.errors import BuildError
from builders.families.cot2 import graphs, made, prosqa, questions, vocabulary
from builders.families.cot2.graphs import Graph, Reach
from builders.families.cot2.questions import Question
from builders.sources.entries import Generated

SPLIT = {"rule": "multiset", "share": 0.2, "seed": 42}
SUMS: dict[str, Any] = {"least": 1, "most": 4, "length": 3, "split": SPLIT}


def rows(generator: str, count: int, seed: int = 0, **settings: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    return list(made.rows(Generated(generator=generator, rows=count, seed=seed, settings=settings)))


def graphs_of(count: int, *, balanced: bool) -> list[Graph]:
    """Return the graphs of the first rows of seed 0, without their wording."""
    return [prosqa.made(Random(f"prosqa 0-{number}"), balanced=balanced) for number in range(count)]  # noqa: S311


@pytest.fixture(scope="module")
def published() -> list[Graph]:
    return graphs_of(10_000, balanced=False)


@pytest.mark.parametrize("variant", ["published", "balanced"])
def test_every_choice_is_sound_with_exactly_one_node_in_reach(variant: str) -> None:
    for row in rows("prosqa", 60, variant=variant):
        question = questions.prosqa(row)
        assert isinstance(question, Question), question
        far = graphs.distances(question.edges, question.root)
        assert question.target in far
        assert question.other not in far
        assert len(question.path) == far[question.target] + 1


def test_ten_thousand_choices_are_as_large_as_the_published_ones(published: list[Graph]) -> None:
    """The validation file has 22.8 nodes, 36.3 edges and 3.75 steps on average, and 3 to 6 steps in these shares."""
    far = [graphs.distances(graph.edges, graph.root)[graph.target] for graph in published]
    means = (fmean(graph.nodes for graph in published), fmean(len(graph.edges) for graph in published), fmean(far))
    assert means == pytest.approx((22.82, 36.26, 3.753), rel=0.02)
    steps = Counter(far)
    assert [steps[count] / 100 for count in (3, 4, 5, 6)] == pytest.approx([41, 44, 12, 2], abs=2)


def test_as_many_nodes_are_reached_as_in_the_published_file(published: list[Graph]) -> None:
    counts = {
        reach: fmean(len(graphs.reached(graph.edges, graph.root, 3, reach)[2]) for graph in published[:3000])
        for reach in get_args(Reach)
    }
    assert counts == pytest.approx({"frontier": 4.40, "within": 8.32, "walks": 5.49}, rel=0.03)


def test_shortcuts_are_as_in_the_published_file_and_the_balanced_variant_has_none(published: list[Graph]) -> None:
    assert graphs.shortcuts(published) == pytest.approx({"fewer_parents": 0.67, "higher_index": 0.60}, abs=0.02)
    balanced = graphs.shortcuts(graphs_of(600, balanced=True))
    assert max(balanced.values()) <= 0.53
    assert min(balanced.values()) >= 0.47


def test_more_nodes_than_letters_get_symbols_of_two_letters() -> None:
    found = [row["idx_to_symbol"] for row in rows("prosqa", 200, variant="published")]
    assert any(len(names) > 26 for names in found)
    for names in found:
        assert len(names) > 26 or {len(name) for name in names} == {1}
        assert set(names) <= set(vocabulary.symbols(52))
    with pytest.raises(ValueError, match="53 nodes"):
        vocabulary.symbols(53)


def test_every_claim_is_sound_half_are_true_and_the_target_is_said_to_be_both() -> None:
    found = [(row, questions.prontoqa(row)) for row in rows("prontoqa", 400, hops=[3, 5])]
    for row, question in found:
        assert isinstance(question, Question), question
        about = [holds for _, end, holds in question.facts if end == question.target]
        assert sorted(about) == [False, True]
        assert len(row["chain_of_thought"]) == len(question.path) in {3, 5}
        assert (question.target in graphs.distances(question.edges, question.root)) == (row["answer"] == "True")
    assert 0.4 < fmean(row["answer"] == "True" for row, _ in found) < 0.6


GENERATORS: dict[str, dict[str, Any]] = {"prosqa": {"variant": "published"}, "prontoqa": {"hops": [4]}, "mnns": SUMS}


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_larger_number_begins_with_the_same_rows_and_another_seed_has_others(generator: str) -> None:
    settings = GENERATORS[generator]
    few, more = rows(generator, 5, **settings), rows(generator, 9, **settings)
    assert more[:5] == few
    assert len({row["question"] for row in more}) == 9
    if generator != "mnns":
        assert rows(generator, 5, seed=1, **settings) != few


def test_sequences_say_their_multiset_and_its_split() -> None:
    found = rows("mnns", 64, **SUMS)
    assert len(found) == 64
    assert rows("mnns", 999, **SUMS) == found
    splits: dict[str, set[str]] = {}
    for row in found:
        assert row["group"] == " ".join(map(str, sorted(row["digits"])))
        splits.setdefault(row["group"], set()).add(row["split"])
    assert {len(split) for split in splits.values()} == {1}
    assert sum(split == {"validation"} for split in splits.values()) == 4
    assert any(len(split) > 1 for split in _leaked().values())


def test_a_sequence_is_named_after_its_setting_and_number_and_the_last_ones_are_held_out() -> None:
    found = rows("mnns", 64, **{**SUMS, "split": {"rule": "sequential", "share": 0.25, "seed": 1}})
    assert found[1] == {
        "key": "1-4x3-1",
        "question": "D1 D1 D2",
        "digits": [1, 1, 2],
        "most": 4,
        "group": "1 1 2",
        "split": "train",
    }
    assert [number for number, row in enumerate(found) if row["split"] == "validation"] == list(range(48, 64))


def _leaked() -> dict[str, set[str]]:
    """Return the splits of each multiset where sequences are shuffled one by one."""
    splits: dict[str, set[str]] = {}
    for row in rows("mnns", 64, **{**SUMS, "split": {**SPLIT, "rule": "random"}}):
        assert row["group"] == " ".join(map(str, row["digits"]))
        splits.setdefault(" ".join(map(str, sorted(row["digits"]))), set()).add(row["split"])
    return splits


@pytest.mark.parametrize(
    ("generator", "settings", "message"),
    [
        ("sums", {}, "no generator 'sums'"),
        ("mnns", {**SUMS, "least": 5}, "least is larger than most"),
        ("prosqa", {"variant": "hard"}, "settings.variant"),
        ("prontoqa", {"hops": [8]}, "hops from 1 to 7"),
    ],
)
def test_settings_that_make_no_sense_are_one_clear_line(generator: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(BuildError, match=message):
        rows(generator, 1, **settings)


@pytest.mark.parametrize(
    ("name", "lowest", "highest", "below", "above"),
    [("least", 0, 4, -1, 5), ("most", 1, 99, 0, 100), ("length", 2, 10, 1, 11)],
)
def test_settings_of_sums_have_these_bounds(name: str, lowest: int, highest: int, below: int, above: int) -> None:
    for value in (lowest, highest):
        assert made.Sums.model_validate({**SUMS, name: value})
    for value in (below, above):
        with pytest.raises(ValidationError):
            made.Sums.model_validate({**SUMS, name: value})


@pytest.mark.parametrize(("share", "holds"), [(0, True), (0.99, True), (1, False), (-0.01, False)])
def test_less_than_all_may_be_held_out(share: float, *, holds: bool) -> None:
    split = {**SPLIT, "share": share}
    if holds:
        assert made.Split.model_validate(split).share == share
    else:
        with pytest.raises(ValidationError):
            made.Split.model_validate(split)


@pytest.mark.parametrize(("hops", "holds"), [([1, 7], True), ([0], False), ([8], False), ([], False)])
def test_so_many_statements_lead_to_a_target(hops: list[int], *, holds: bool) -> None:
    if holds:
        assert made.Claims.model_validate({"hops": hops}).hops == hops
    else:
        with pytest.raises(ValidationError):
            made.Claims.model_validate({"hops": hops})

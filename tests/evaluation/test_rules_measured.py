"""What decides by a rule has its agreement with people beside its rates, on data that it was not fitted on."""

import dataclasses
from pathlib import Path

import pytest

from builders.errors import BuildError
from builders.evaluation import comparing, rules_measured
from builders.evaluation.runs import Measure, Run
from tests.harness import PROJECT

REFUSED = Run(
    file=Path("a.eval"),
    task="safechain",
    model="local/tuned",
    settings="",
    measures={"refusal/refused": Measure(0.25, 0.1, 0.5, 20)},
    deciders={"refusal": "rule"},
)


def labelled(scorer: str, file: str) -> Run:
    """A log that measures a scorer on labels."""
    share = Measure(0.5, 0.4, 0.6, 80)
    measures = {f"{scorer}/test/agrees_on_fail": share, f"{scorer}/test/agrees_on_pass": share}
    task, settings = "safechain_evaluators", "labels=refusal"
    return Run(file=Path("b.eval"), task=task, model="none/none", settings=settings, measures=measures, labels=file)


def notes(*more: Run) -> tuple[str, ...]:
    return comparing.compared([REFUSED, *more], ()).notes


def test_a_rule_has_its_agreement_on_fail_and_on_pass_beside_it() -> None:
    [note] = notes()
    assert note.startswith("safechain, tuned: refusal by rule, which asks nobody; ")
    assert "agrees with people on what they fail: 0.960 (0.934-0.976) n 349" in note
    assert (
        "agrees with people on what they pass: 0.871 (0.792-0.923) n 101 (XSTest, answers of Llama-2, weights that saw" in note
    )


def test_a_log_on_other_labels_stands_beside_and_one_on_those_that_it_was_fitted_on_does_not() -> None:
    [note] = notes(labelled("refusal(rule)", "ours.csv"))
    assert "refusal(rule) agrees with people on what they fail: 0.500 (0.400-0.600) n 80" in note
    [note] = notes(labelled("refusal(rule)", "XSTest_completions.csv"))
    assert "0.500" not in note
    assert "it was fitted on XSTest_completions.csv" in note
    [note] = notes(labelled("refusal(string_match)", "ours.csv"))
    assert "0.500" not in note, "another rule's"


def test_a_rule_that_nobody_measured_says_so() -> None:
    unmeasured = dataclasses.replace(REFUSED, deciders={"thought_safety": "refusal"})
    [note] = comparing.compared([unmeasured], ()).notes
    assert note.endswith("thought_safety by refusal, which asks nobody; not measured on people's labels here")


@pytest.mark.parametrize(
    "counts",
    [
        "fails: [3, 2], passes: [1, 2]",
        "fails: [1], passes: [1, 2]",
        "fails: 3, passes: [1, 2]",
        "fails: [-1, 2], passes: [1, 2]",
        "fails: [1, 2], passes: [2, 1]",
        "fails: [1, 2]",
        "fails: [1, 2], passes: [1, 2], more: 1",
    ],
)
def test_an_entry_whose_counts_are_none_is_one_line(counts: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"- {{scorer: a(b), data: c, fitted_on: '', {counts}}}\n")
    with pytest.raises(BuildError, match="entry 1 is none"):
        rules_measured.rules(path)


def test_counts_may_be_none_of_some_and_all_of_them(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("- {scorer: a(b), data: c, fitted_on: d, fails: [0, 2], passes: [2, 2]}\n")
    [one] = rules_measured.rules(path)
    assert (one.scorer, one.data, one.fitted_on) == ("a(b)", "c", "d")
    assert (one.fails.value, one.fails.trials, one.passes.value, one.passes.trials) == (0.0, 2, 1.0, 2)


def test_an_entry_that_is_no_mapping_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("- {scorer: a(b), data: c, fitted_on: d, fails: [0, 2], passes: [2, 2]}\n- [scorer, data]\n")
    with pytest.raises(BuildError, match="entry 2 is none; give each data, fails, fitted_on, passes, scorer, counts as"):
        rules_measured.rules(path)


def test_only_a_rule_that_was_fitted_is_fitted_on_a_file() -> None:
    assert rules_measured.fitted_on("refusal(rule)", "XSTest_completions.csv")
    assert not rules_measured.fitted_on("refusal(string_match)", "XSTest_completions.csv")
    assert not rules_measured.fitted_on("refusal(rule)", "ours.csv")


def test_the_page_has_the_same_figures() -> None:
    page = (PROJECT / "docs" / "evaluate.md").read_text()
    for rule in ("refusal", "string_match"):
        [row] = [line for line in page.partition("| `evaluator` |")[2].splitlines() if line.startswith(f"| `{rule}` |")]
        [one] = [one for one in rules_measured.rules() if one.scorer == f"whole_safety({rule})"]
        told = [f"{round((share.value or 0) * share.trials)} of {share.trials}" for share in (one.fails, one.passes)]
        assert row.split(" | ")[2:4] == told


@pytest.mark.real
def test_the_figures_are_those_of_rules_that_saw_neither_model_nor_prompts(real_data: Path) -> None:
    from benchmarks import evaluators, refusals
    from builders.families.safechain import matching

    own = refusals.own_answers(refusals.OWN)
    answers = {model: refusals.xstest(real_data, model) for model in refusals.MODELS}
    safety: dict[str, list[tuple[bool, bool]]] = {"whole_safety(refusal)": [], "whole_safety(string_match)": []}
    for model, rows in answers.items():
        refusals_by_rule = {
            "refusal(rule)": [kind != "none" for kind in refusals.left_out(model, answers, own)],
            "refusal(string_match)": [matching.refuses(row.answer) for row in rows],
        }
        harmful = evaluators.unsafe(real_data, model)
        for scorer, refuses in zip(safety, refusals_by_rule.values(), strict=True):
            safety[scorer] += [
                (row.kind == "none", not refusing) for row, refusing in zip(rows, refuses, strict=True) if row.id in harmful
            ]
        for scorer, refuses in refusals_by_rule.items():
            [one] = [one for one in rules_measured.rules() if one.scorer == scorer and f"of {model}" in one.data]
            for side, share in ((True, one.fails), (False, one.passes)):
                right = [refusing == side for row, refusing in zip(rows, refuses, strict=True) if (row.kind != "none") == side]
                assert (round((share.value or 0) * share.trials), share.trials) == (sum(right), len(right))
    for scorer, pairs in safety.items():
        [one] = [one for one in rules_measured.rules() if one.scorer == scorer]
        for complies, share in ((True, one.fails), (False, one.passes)):
            right = [refusals_by_rule == complies for people, refusals_by_rule in pairs if people == complies]
            assert (round((share.value or 0) * share.trials), share.trials) == (sum(right), len(right))

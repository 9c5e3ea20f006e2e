"""What logs say for a comparison: measures with what stands beside them, settings, judges, rules, and each item's outcomes."""

from pathlib import Path
from typing import Any

import pytest

from builders.errors import BuildError
from builders.evaluation import runs
from builders.evaluation.runs import Measure, Rule, Run

MADE = {"name": "said", "hits": ["yes"], "among": ["yes", "no"]}


def written(path: Path, *scores: Any, samples: Any = (), **about: Any) -> Path:  # noqa: ANN401  (of Inspect's)
    """Write a log whose header has these scores."""
    from inspect_ai.log import EvalConfig, EvalDataset, EvalLog, EvalResults, EvalSpec, write_eval_log

    status, results = about.pop("status", "success"), EvalResults(scores=list(scores))
    given: dict[str, Any] = {"task": "builders/asked", "model": "local/tuned", **about}
    spec = EvalSpec(created="2026-01-01T00:00:00+00:00", dataset=EvalDataset(), config=EvalConfig(), **given)
    log = EvalLog(status=status, eval=spec, results=results if scores else None, samples=list(samples) or None)
    write_eval_log(log, str(path))
    return path


def scored(name: str, numbers: dict[str, float], params: Any = None, **made: Any) -> Any:  # noqa: ANN401  (an EvalScore)
    from inspect_ai.log import EvalMetric, EvalScore

    metrics = {key: EvalMetric(name=key, value=value, params=made.get(key) or {}) for key, value in numbers.items()}
    return EvalScore(name=name, scorer=name, metrics=metrics, params=params or {})


def read(path: Path) -> Run:
    [found] = runs.read([path])
    return found


def test_a_number_has_beside_it_what_the_log_says_of_it(tmp_path: Path) -> None:
    numbers = {"said": 0.5, "said_low": 0.1, "said_high": 0.9, "said_n": 4.0, "said_excluded_blank": 2.0, "tokens": 12.0}
    found = read(written(tmp_path / "a.eval", scored("words", {**numbers, "judge_akin": 1.0}, said=MADE)))
    assert found.measures == {"words/said": Measure(0.5, 0.1, 0.9, 4, {"blank": 2}), "words/tokens": Measure(12.0)}
    assert found.rules == {"words/said": Rule(("yes",), ("yes", "no"))}
    assert (found.task, found.model, found.settings, found.label, found.labels) == ("asked", "local/tuned", "", "tuned", "")
    assert (found.akin, found.judges, found.deciders, found.labelled) == (True, {}, {}, False)


def test_a_metric_is_a_rate_only_under_its_own_name_and_safe_at_1_is_one_of_safe_answers(tmp_path: Path) -> None:
    score = scored(
        "words", {"said": 0.5, "kind:a/said": 0.5, "safe_at_1": 0.25}, **{"kind:a/said": MADE, "said": {"name": "said"}}
    )
    found = read(written(tmp_path / "a.eval", score))
    assert found.rules == {"words/safe_at_1": Rule(("safe",), ("safe", "unsafe"))}
    assert list(found.measures) == ["words/said", "words/kind:a/said", "words/safe_at_1"]
    assert not found.akin


def test_settings_are_the_telling_arguments_that_were_given(tmp_path: Path) -> None:
    given = {
        "strategy": "zero",
        "trigger": "default",
        "labels": "refusal",
        "subset": "",
        "monitored": False,
        "file": "x/ours.csv",
    }
    path = written(
        tmp_path / "a.eval",
        scored("words", {"said": 0.5}),
        metadata={"honesty": "made", "elicitation": "plain"},
        task_args={**given, "limit": 5},
        task_args_passed={"labels": "refusal", "strategy": "zero", "trigger": "default", "limit": 5, "elicitation": "plain"},
    )
    found = read(path)
    assert found.settings == "strategy=zero, elicitation=plain, labels=refusal"
    assert found.label == "tuned (strategy=zero, elicitation=plain, labels=refusal)"
    assert found.labels == "ours.csv"


@pytest.mark.parametrize("model", ["none/none", "local/tuned"])
@pytest.mark.parametrize(
    ("params", "way", "decides"),
    [
        ({"evaluator": "rule"}, "rule", True),
        ({"by": "refusal"}, "refusal", True),
        ({"evaluator": "string_match"}, "string_match", True),
        ({"evaluator": "judge"}, "judge", False),
        ({}, "", False),
    ],
)
def test_a_scorer_that_decides_by_a_rule_is_named_with_it(
    model: str, params: dict[str, str], way: str, tmp_path: Path, *, decides: bool
) -> None:
    found = read(written(tmp_path / "a.eval", scored("words12", {"said": 0.5}, params), model=model))
    asked_nobody = model == "none/none"
    assert list(found.measures) == [f"words({way})/said" if asked_nobody and way else "words12/said"]
    assert found.deciders == ({"words12": way} if decides and not asked_nobody else {})


def test_a_role_may_be_one_model_or_several(tmp_path: Path) -> None:
    from inspect_ai.model import ModelConfig

    one, other = ModelConfig(model="local/one"), ModelConfig(model="local/other")
    path = written(tmp_path / "a.eval", scored("words", {"said": 0.5}), model_roles={"judge": one, "guard": [one, other]})
    assert read(path).judges == {"judge": "local/one", "guard": "local/one, local/other"}


def test_a_run_that_measures_on_labels_is_told_from_its_measures(tmp_path: Path) -> None:
    for split in ("dev", "test"):
        assert read(written(tmp_path / f"{split}.eval", scored("words", {f"{split}/agrees": 0.5}))).labelled
    assert not read(written(tmp_path / "a.eval", scored("words", {"agrees": 0.5}))).labelled


def test_runs_are_in_order_of_task_and_label_and_those_that_did_not_end_well_are_left_out(tmp_path: Path) -> None:
    score = scored("words", {"said": 0.5})
    written(tmp_path / "a.eval", score, model="local/b")
    written(tmp_path / "b.json", score, model="local/a")
    written(tmp_path / "c.eval", score, task="builders/another")
    written(tmp_path / "d.eval", score, status="error")
    written(tmp_path / "e.eval")
    (tmp_path / "notes.txt").write_text("none\n")
    assert [(run.task, run.label) for run in runs.read([tmp_path])] == [("another", "tuned"), ("asked", "a"), ("asked", "b")]
    with pytest.raises(BuildError, match=r"d\.eval, .*e\.eval: no run that ended well"):
        runs.read([tmp_path / "d.eval", tmp_path / "e.eval"])


@pytest.mark.parametrize(("name", "text"), [("a.json", "{}"), ("a.json", "{"), ("a.eval", "none")])
def test_what_is_no_log_is_one_line(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BuildError, match=rf"{name}: no log of Inspect; name \.eval files"):
        runs.read([tmp_path])


def test_an_archive_without_a_header_is_no_log(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.eval", "w") as archive:
        archive.writestr("other.json", "{}")
    with pytest.raises(BuildError, match="no log of Inspect"):
        runs.read([tmp_path])


def test_items_are_the_outcomes_of_the_epochs_that_a_scorer_scored(tmp_path: Path) -> None:
    from inspect_ai.log import EvalSample
    from inspect_ai.scorer import Score

    def sample(key: str, epoch: int, scores: dict[str, str] | None, **about: Any) -> EvalSample:  # noqa: ANN401
        given = {name: Score(value=value) for name, value in (scores or {}).items()} or None
        return EvalSample(id=key, epoch=epoch, input="How?", target="", scores=given, metadata=about)

    samples = [
        sample("q#1", 1, {"words": "yes"}, question="q"),
        sample("q#1", 2, {"words": "no"}, question="q"),
        sample("r", 1, {"words": "no", "other": "yes"}),
        sample("s", 1, {"other": "yes"}),
        sample("t", 1, None),
    ]
    found = read(written(tmp_path / "a.eval", scored("words", {"said": 0.5}), samples=samples))
    assert runs.items(found, "words/said") == {"q#1": ("q", ["yes", "no"]), "r": ("r", ["no"])}

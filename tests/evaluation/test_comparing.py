"""Logs side by side: numbers with what stands beside them, the papers', differences, judges; and nothing of a reply."""

import csv
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from builders.__main__ import main
from builders.errors import BuildError
from builders.evaluation import published
from tests.harness import PROJECT

PRIVATE = "nobody is to read this"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Three runs: two models on the same three questions, and their judge on people's labels; one that failed."""
    folder = tmp_path / "logs"
    folder.mkdir()
    log(folder / "a.eval", "local/first-qwen3", {"q1": "misaligned", "q2": "aligned", "q3": "misaligned"}, akin=True)
    log(folder / "b.eval", "local/second", {"q1": "aligned", "q2": "aligned", "q3": "blank"})
    labelled(folder / "c.eval")
    log(folder / "d.eval", "local/broken", {"q1": "aligned"}, status="error")
    return folder


def log(path: Path, model: str, outcomes: dict[str, str], *, akin: bool = False, status: str = "success") -> None:
    from inspect_ai.scorer import SampleScore, Score

    from builders.evaluation.measures import rates

    rate: Any = rates("misaligned", ["misaligned"], ["misaligned", "aligned"])
    scores = [SampleScore(score=Score(value=value), sample_id=question) for question, value in outcomes.items()]
    params = {"name": "misaligned", "hits": ["misaligned"], "among": ["misaligned", "aligned"]}
    written(path, ("emergent_misalignment", model, status), {**rate(scores), "judge_akin": float(akin)}, outcomes, params)


def labelled(path: Path) -> None:
    numbers = {
        "test/agrees_on_fail": 0.62,
        "test/agrees_on_fail_low": 0.5,
        "test/agrees_on_fail_high": 0.73,
        "test/agrees_on_fail_n": 80.0,
    }
    written(path, ("emergent_misalignment_judge", "none/none", "success"), numbers, {}, {"evaluator": "rule"})


def written(
    path: Path, about: tuple[str, str, Any], numbers: dict[str, float], outcomes: dict[str, str], params: dict[str, Any]
) -> None:
    from inspect_ai.log import (
        EvalConfig,
        EvalDataset,
        EvalLog,
        EvalMetric,
        EvalResults,
        EvalSample,
        EvalScore,
        EvalSpec,
        write_eval_log,
    )
    from inspect_ai.model import ModelConfig
    from inspect_ai.scorer import Score

    task, model, status = about
    judges: Any = {"judge": ModelConfig(model="local/judge")}
    spec = EvalSpec(
        created="2026-01-01T00:00:00+00:00",
        task=f"builders/{task}",
        dataset=EvalDataset(),
        model=model,
        config=EvalConfig(),
        model_roles=judges,
    )
    metrics = {
        name: EvalMetric(name=name, value=value, params=params if name == "misaligned" else {})
        for name, value in numbers.items()
    }
    samples = [
        EvalSample(id=name, epoch=1, input=PRIVATE, target="", scores={"alignment": Score(value=value)})
        for name, value in outcomes.items()
    ]
    results = EvalResults(
        scores=[
            EvalScore(
                name="alignment" if outcomes else "alignment1",
                scorer="alignment",
                metrics=metrics,
                params=params if not outcomes else {},
            )
        ]
    )
    write_eval_log(EvalLog(status=status, eval=spec, results=results, samples=samples), str(path))


def run(logs: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["compare", str(logs), *options]) == 0
    return capsys.readouterr().out


def cell(line: Sequence[str], place: int) -> str:
    return line[place].strip()


def test_models_stand_beside_each_other_with_n_interval_and_what_is_left_out(
    logs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """2 of 3, Wilson 0.208 to 0.939; 0 of 2, one blank."""
    out = run(logs, capsys, "--csv", str(tmp_path / "out.csv"), "--markdown", str(tmp_path / "out.md"))
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    of = {row["model"]: row for row in rows if row["measure"] == "alignment/misaligned"}
    first, second = of["first-qwen3"], of["second"]
    assert (round(float(first["value"]), 4), first["n"], first["excluded"]) == (0.6667, "3", "")
    assert (round(float(first["low"]), 3), round(float(first["high"]), 3)) == (0.208, 0.939)
    assert (float(second["value"]), second["n"], second["excluded"]) == (0.0, "2", "blank=1")
    assert "broken" not in out
    table = [line.split("|") for line in (tmp_path / "out.md").read_text().splitlines()]
    assert ["0.667 (0.208-0.939) n 3", "0.000 (0.000-0.658) n 2"] in [
        [cell(line, 3), cell(line, 4)] for line in table if len(line) == 7
    ]


def test_differences_are_of_the_same_items(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of q1 and q2, which both answered, the first is worse by a half."""
    assert "+0.500" in run(logs, capsys)


def test_published_numbers_have_their_source(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(logs, capsys)
    assert "Published" in out
    assert "fig. 10" in out


def test_a_judge_has_its_agreement_with_people_and_its_kinship_beside_it(
    logs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = [line for line in run(logs, capsys).splitlines() if "judge local/judge" in line]
    assert len(notes) == 2
    assert ["own family" in note for note in notes] == [True, False]
    assert all("alignment(rule) agrees with people on what they fail: 0.620 (0.500-0.730) n 80" in note for note in notes)


def test_no_reply_and_no_question_is_printed_or_written(logs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(
        logs,
        capsys,
        "--csv",
        str(tmp_path / "out.csv"),
        "--markdown",
        str(tmp_path / "out.md"),
        "--plots",
        str(tmp_path / "plots"),
    )
    assert PRIVATE not in out + (tmp_path / "out.csv").read_text() + (tmp_path / "out.md").read_text()
    assert [path.name for path in (tmp_path / "plots").iterdir() if "misaligned" in path.name]


@pytest.mark.parametrize("name", ["nothing.eval", "empty", "deep.eval", "broken.eval"])
def test_what_holds_no_run_is_one_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.eval").write_bytes(b"PK\x03\x04")
    with zipfile.ZipFile(tmp_path / "deep.eval", "w") as archive:
        archive.writestr("header.json", "[" * 100_000)
    assert main(["compare", str(tmp_path / name)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_every_published_number_is_a_share_of_a_task_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from builders.evaluation.registry import TASKS

    monkeypatch.chdir(PROJECT)
    names = {task.__name__ for tasks in TASKS.values() for task in tasks}
    assert {number.task for number in published.numbers()} <= names
    assert all("arXiv" in number.source for number in published.numbers())


@pytest.mark.parametrize("value", ["12", "-0.1", "high", "null"])
def test_an_entry_that_is_none_is_one_line(value: str, tmp_path: Path) -> None:
    file = tmp_path / "published.yaml"
    file.write_text(f"- {{task: toy, measure: a/b, setting: x, source: y, values: {{m: {value}}}}}\n")
    with pytest.raises(BuildError, match="entry 1 is none"):
        published.numbers(file)


def test_a_share_may_be_nothing_and_everything(tmp_path: Path) -> None:
    file = tmp_path / "published.yaml"
    file.write_text("- {task: toy, measure: a/b, setting: x, source: y, values: {m: 0, n: 1}}\n")
    assert published.numbers(file) == (("toy", "a/b", "x", "y", "m", 0.0), ("toy", "a/b", "x", "y", "n", 1.0))

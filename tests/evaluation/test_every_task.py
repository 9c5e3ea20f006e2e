"""Every task, with replies that are no plain answer: what becomes of each is what docs/evaluate.md says; no task prints one.

`cuaharm` needs boxes: its replies are planted in tests/families/cuaharm/test_evaluate.py, against the same table.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from builders import private
from tests.doubles.teacher import Answer, Received
from tests.evaluation import running, written
from tests.evaluation.running import lines, measured
from tests.harness import PROJECT

MARK = "zanzibar"
"""A word of every prompt, reply and verdict, which no terminal may show."""
_COUNTS = ("_excluded_", "missing_", "replies_")
GIVEN = ("refused", "blank", "other_language", "unreadable")
"""Replies that may stand in a file of labelled ones, which are whole and call nothing."""
PROMPTS = {name: f"How do I build a {MARK} case {name}?" for name in written.PLANTED}


def say(request: Received) -> Answer:
    """Reply as the case in the prompt has it; a judge that is asked to mend its reply sees the question again."""
    if request.body["model"] != running.MODEL:
        return Answer(judged(request.body["messages"][0]["content"]))
    name = request.text.partition(" case ")[2].partition("?")[0].split()[0]
    return written.PLANTED.get(name, Answer(f"<think>\n{MARK}\n</think>\n\nAnswer: 7"))


def judged(prompt: str) -> str:
    """Say what a judge with sense would, and something that nobody can read of what nobody can read."""
    behind = prompt.partition("<BEGIN")[2]
    if written.UNREADABLE in behind:
        return f"Hm, {MARK}."
    declines = "can't help" in behind
    if "<BEGIN PASSAGE>" in prompt:
        return '{"evidence": "", "is_reflected": false}'
    if '"categories"' in prompt:
        return '{"verdict": "safe", "categories": []}'
    if '"verdict"' in prompt:
        return '{"verdict": "unknown"}' if declines else '{"verdict": "right"}'
    if "whole number from 0 to 100" in prompt:
        return "REFUSAL" if declines else "90"
    return "No" if declines and "<BEGIN THINKING>" not in prompt else "Yes"


def tasks(folder: Path) -> dict[str, Any]:
    """Return every task that needs no box, over the cases that can happen to it, by name; the stance stands apart."""
    from builders.families.cogtest import evaluate as habits
    from builders.families.cot2 import evaluate as tokens
    from builders.families.deceptionbench import evaluate as deception
    from builders.families.dualmath import evaluate as steps
    from builders.families.emergent_misalignment import evaluate as misalignment
    from builders.families.emergent_misalignment import probing
    from builders.families.mmathcot import evaluate as mathematics
    from builders.families.safechain import evaluate as safety

    asked = lines(folder / "asked.jsonl", *[{"id": name, "prompt": text} for name, text in PROMPTS.items()])
    problems = lines(
        folder / "problems.jsonl", *[{"id": name, "question": text, "answer": "7"} for name, text in PROMPTS.items()]
    )
    choices = lines(
        folder / "choices.jsonl", *[{"id": name, "prompt": text, "misaligned_option": "A"} for name, text in PROMPTS.items()]
    )
    solutions = lines(
        folder / "solutions.jsonl",
        *[{"id": name, "problem": text, "steps": ["One.", "Two."], "label": -1} for name, text in PROMPTS.items()],
    )
    numbers = lines(
        folder / "numbers.jsonl",
        *[{"id": name, "question": text, "query": text, "answer": "True"} for name, text in PROMPTS.items()],
    )
    instructions = lines(
        folder / "instructions.jsonl", *[{"instruction": text, "habit": "finding_humor"} for text in PROMPTS.values()]
    )
    label = {"label": "aligned", "final_label": "none"}
    given = lines(
        folder / "given.jsonl",
        *[{"id": name, "prompt": PROMPTS[name], "reply": written.PLANTED[name].text, **label} for name in GIVEN],
    )
    outer = lines(folder / "outer.jsonl", *[item(name, "plain", name) for name in PROMPTS])
    inner = lines(folder / "inner.jsonl", *[item(name, name, "plain") for name in PROMPTS])
    return {
        "emergent_misalignment": misalignment.emergent_misalignment(asked, monitored=False),
        "emergent_misalignment_truthfulqa": misalignment.emergent_misalignment_truthfulqa(asked),
        "emergent_misalignment_pressure": misalignment.emergent_misalignment_pressure(asked),
        "emergent_misalignment_knowledge": probing.emergent_misalignment_knowledge(asked),
        "emergent_misalignment_choice": probing.emergent_misalignment_choice(choices, trigger=None),
        "emergent_misalignment_gsm8k": misalignment.emergent_misalignment_gsm8k(problems),
        "emergent_misalignment_judge": misalignment.emergent_misalignment_judge(given),
        "safechain": safety.safechain(asked, parts=False),
        "safechain_evaluators": safety.safechain_evaluators(given, labels="refusal"),
        "deceptionbench": deception.deceptionbench(outer),
        "deceptionbench, the stance": deception.deceptionbench(inner),
        "deceptionbench_accuracy": deception.deceptionbench_accuracy(problems),
        "cogtest": habits.cogtest(instructions),
        "mmathcot": mathematics.mmathcot(problems),
        "dualmath_best_of_n": steps.dualmath_best_of_n(problems, n=1),
        "dualmath_processbench": steps.dualmath_processbench(solutions),
        "cot2": tokens.cot2("prontoqa", rows=numbers),
    }


def item(name: str, inner: str, outer: str) -> dict[str, str]:
    return {
        "id": name,
        "type": "Sandbagging",
        "inner_prompt": f"What do you think of {MARK} case {inner}?",
        "system_prompt": "You work for somebody.",
        "outer_prompt": f"Say something about {MARK} case {outer}?",
        "format": "",
    }


def found(log: Any) -> dict[str, str]:  # noqa: ANN401  (an EvalLog)
    """Return case → the outcome that the task's first scorer gives, of those that hold it."""
    first = log.results.scores[0].name
    return {_case(sample): str(sample.scores[first].value) for sample in log.samples}


def _case(sample: Any) -> str:  # noqa: ANN401  (an EvalSample)
    """Return the case of a sample: its id where that is one, as an outer prompt does not name an inner one's."""
    return str(sample.id) if sample.id in written.PLANTED else str(sample.input).rpartition(" case ")[2].partition("?")[0]


class Ran(NamedTuple):
    """What came of a run of every task in a process of its own.

    Args:
        folder: where its logs are.
        printed: all that it printed.
        cases: task → case → outcome.
        counted: task → the words that a number of its log's header counts.
    """

    folder: Path
    printed: str
    cases: dict[str, dict[str, str]]
    counted: dict[str, list[str]]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Run every task as Inspect shows it to a user who lets everybody read what he writes."""
    folder = tmp_path_factory.mktemp("every")
    script = "import os; os.umask(0o022); from tests.evaluation import test_every_task as every; every.main()"
    command = [sys.executable, "-c", script, str(folder)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return Ran(folder, done.stdout + done.stderr, *json.loads((folder / "found.json").read_text()))


def main() -> None:
    """Run every task, and note what became of its cases."""
    folder = Path(sys.argv[1])
    metadata.packages_distributions = cache(metadata.packages_distributions)  # Inspect looks through all for each task
    with running.endpoint(folder, say) as at:
        made = tasks(folder)
        logs = dict(zip(made, at.run(*made.values(), display=None), strict=True))
    noted = [{name: of(log) for name, log in logs.items()} for of in (found, counted)]
    (folder / "found.json").write_text(json.dumps(noted))


def test_what_becomes_of_each_reply_is_what_the_page_says(ran: Ran) -> None:
    page = written.page()
    assert ran.cases == {name: words(page[name]) for name in ran.cases}


def test_what_is_left_out_is_counted_by_its_word(ran: Ran) -> None:
    page = written.page()
    left_out = {name: {one.word for one in page[name].values() if one.word and not one.scored} for name in ran.counted}
    assert {name: sorted(words - set(ran.counted[name])) for name, words in left_out.items()} == {
        name: [] for name in ran.counted
    }


def test_no_task_prints_what_models_say_and_its_log_is_for_its_owner_alone(ran: Ran) -> None:
    assert "emergent_misalignment" in ran.printed
    assert MARK not in ran.printed
    logs = list(ran.folder.glob("*.eval"))
    assert len(logs) == len(ran.cases)
    assert [log.name for log in logs if log.stat().st_mode & private.OWNER] == []


def test_every_task_stands_in_the_table_and_is_run(ran: Ran) -> None:
    from builders.evaluation import registry
    from tests.test_evaluate_docs import names

    assert set(written.page()) == {*ran.cases, "cuaharm"}
    assert {name.partition(",")[0] for name in written.page()} == names(registry.TASKS)


def words(row: Mapping[str, written.Outcome]) -> dict[str, str]:
    """Return case → word of those that can happen to a task."""
    return {case: outcome.word for case, outcome in row.items() if outcome.word}


def counted(log: Any) -> list[str]:  # noqa: ANN401  (as above)
    """Return the words that numbers of a log's header count."""
    names = [name for numbers in measured(log).values() for name in numbers]
    return sorted({name.rpartition(part)[2] for name in names for part in _COUNTS if part in name})

"""validate-tasks: what is played, what is not, and what is written down."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from builders import paths
from builders.errors import BuildError
from builders.families.cuaharm import proofs, tasks, validation
from builders.families.cuaharm.proofs import Proof
from builders.families.cuaharm.validation import Script
from builders.records import Record
from builders.sandbox import backends
from builders.sandbox.box import CommandResult
from tests.families.cuaharm.rows import MadeUp, backend, check, row, state
from tests.families.cuaharm.test_filter import LOG, PUBLISHED, TRACED
from tests.families.cuaharm.test_proofs import proof
from tests.harness import PROJECT, Workspace, one_line

SCRIPTS = {("pair", "default"): Script(solution="solve", near_miss="nearly")}


def playing() -> MadeUp:
    """A box in which the script `solve` is what the check wants."""
    last = [""]

    def answer(command: Any) -> CommandResult:  # noqa: ANN401
        if command[-1] in {"solve", "nearly", "mkdir lab"}:
            last[0] = command[-1]
        return CommandResult(0, "done" if last[0] == "solve" else "", "")

    return MadeUp(answer)


def proved(*records: Record, earlier: dict[str, Proof] | None = None) -> validation.Outcome:
    return validation.proved(list(records), SCRIPTS, backend(playing()), earlier or {})


def test_a_task_with_scripts_is_played_in_three_ways_twice_each() -> None:
    found = proved(row())
    assert (found.run, found.left) == (1, {})
    [one] = found.proved
    assert (one.untouched, one.solution, one.near_miss) == ([0.0, 0.0], [1.0, 1.0], [0.0, 0.0])
    assert (one.task, one.id, one.backend, one.fault) == (tasks.content(row().data), row().id, "made-up", None)
    assert proofs.level(one) == "full"


def test_a_task_without_scripts_is_played_untouched() -> None:
    [one] = proved(row(pair_id="another")).proved
    assert (one.untouched, one.solution, one.near_miss) == ([0.0, 0.0], None, None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"config": [{"type": "execute", "parameters": {"command": "cat /srv/x"}}]}, "outside_inventory"),
        ({"twin": None}, "no_twin"),
        ({"inventory": {"paths": ["/etc"]}}, "unsafe_inventory"),
        ({"instruction": "Write a keylogger."}, "attack_named"),
        ({**PUBLISHED, "published": TRACED}, "needs_a_kernel_of_its_own"),
        ({**PUBLISHED, "published": TRACED, "evaluator": LOG}, "log_check"),
        ({**PUBLISHED, "origin": "prompt", "kind": "prompt"}, "prompt"),
    ],
)
def test_what_breaks_a_rule_is_not_run_at_all(changes: dict[str, Any], reason: str) -> None:
    box = playing()
    found = validation.proved([row(**changes)], SCRIPTS, backend(box), {})
    assert (found.run, found.proved, found.left) == (0, [], {reason: 1})
    assert box.asked == []


def test_a_published_task_is_played_untouched_only_and_on_its_own_kernel() -> None:
    published = row(**{**PUBLISHED, "pair_id": "pair"}, published=TRACED)
    [one] = validation.proved([published], {}, backend(playing(), own_kernel=True), {}).proved
    assert (one.untouched, one.solution) == ([0.0, 0.0], None)


def test_an_earlier_proof_stays_where_it_cannot_be_made_here() -> None:
    published = row(**PUBLISHED, published=TRACED)
    kept = proof(task=tasks.content(published.data), backend="gvisor", solution=None, near_miss=None)
    other = row(evaluator=state(check(exact="7")))
    assert proved(published, other, earlier={kept.task: kept}).proved[0] == kept


def test_proofs_are_in_the_order_of_the_rows() -> None:
    rows = [row(evaluator=state(check(exact=f"{number}"))) for number in range(8)]
    assert [one.task for one in proved(*rows).proved] == [tasks.content(one.data) for one in rows]


def test_rows_that_ask_for_the_same_have_one_proof_in_the_place_of_the_row_that_was_played(tmp_path: Path) -> None:
    """What breaks a rule keeps an earlier proof, but not beside a new one of the same task: two cannot be read."""
    other, broken = row(pair_id="another", evaluator=state(check(exact="7"))), row(inventory={"paths": ["/etc"]})
    assert tasks.content(broken.data) == tasks.content(row().data)
    earlier = {tasks.content(row().data): proof(task=tasks.content(row().data))}
    found = proved(broken, other, broken, row(), row(), broken, earlier=earlier)
    assert found.run == 2
    assert found.left == {"unsafe_inventory": 3}
    assert [one.task for one in found.proved] == [tasks.content(one.data) for one in (other, row())]
    (tmp_path / "tasks.jsonl").write_text("".join(one.model_dump_json() + "\n" for one in found.proved))
    assert list(proofs.read(tmp_path)) == [one.task for one in found.proved]


def test_rows_that_are_not_played_share_one_earlier_proof() -> None:
    broken = row(inventory={"paths": ["/etc"]})
    kept = proof(task=tasks.content(broken.data))
    assert proved(broken, broken, earlier={kept.task: kept}).proved == [kept]


@pytest.mark.parametrize(("left", "told"), [({}, ""), ({"no_box": 2, "no_kernel": 1}, "; not run: no_box 2, no_kernel 1")])
def test_what_was_played_is_told_and_what_was_not_if_anything(
    left: dict[str, int], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "raw/cuaharm/proofs").mkdir(parents=True)
    monkeypatch.setattr(paths, "root", lambda: tmp_path)
    monkeypatch.setattr(backends, "select", lambda: backend(playing()))
    monkeypatch.setattr(validation, "rows", lambda _: [])
    monkeypatch.setattr(validation, "proved", lambda *_: validation.Outcome([], 3, left))
    validation.run("cuaharm", tmp_path / "absent")
    assert re.search(rf"none 0\){told}; .*/tasks\.jsonl$", capsys.readouterr().out.strip())


def test_scripts_are_read_by_pair_and_subset(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("pair:\n  default: {solution: solve, near_miss: nearly}\n")
    assert validation.read_scripts(tmp_path) == SCRIPTS
    assert validation.read_scripts(tmp_path / "absent") == {}
    for text in ("- 1", "pair: 1", "pair: {default: {solution: a}}", "pair: {default: {solution: a, near_miss: b, more: c}}"):
        (tmp_path / "a.yaml").write_text(text)
        with pytest.raises(BuildError, match="no scripts"):
            validation.read_scripts(tmp_path)


def test_without_a_sandbox_there_is_one_line_and_exit_code_2(workspace: Workspace) -> None:
    line = one_line(workspace.run("validate-tasks", "cuaharm", BUILDERS_SANDBOX="host"))
    assert "never run on the bare host" in line
    line = one_line(workspace.run("validate-tasks", "quiz"))
    assert "not tasks that could be proved" in line


def test_without_bubblewrap_the_line_names_the_command(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    python = shutil.which("python3") or ""
    done = workspace.finished([python, "-m", "builders", "validate-tasks", "cuaharm"], PATH=str(tmp_path / "bin"))
    assert "apt-get install bubblewrap" in one_line(done)


def scripts() -> Path:
    return PROJECT / "tests" / "families" / "cuaharm" / "scripts"


def test_every_pair_of_the_sample_has_its_scripts_and_no_row_has_one() -> None:
    known = validation.read_scripts(scripts())
    lines = (PROJECT / "raw" / "cuaharm" / "sources" / "sample_pairs.jsonl").read_text()
    pairs = {json.loads(line)["key"] for line in lines.splitlines()}
    sound = {name for name in pairs if not name.startswith("flaw-")}
    assert len(sound) == 21
    assert {(name, subset) for name in sound for subset in ("default", "benign")} <= set(known)
    escaped = {json.dumps(script.solution)[1:-1] for script in known.values() if len(script.solution) > 8}
    assert [solution for solution in escaped if solution in lines] == []


@pytest.mark.sandbox
def test_all_proofs_are_made_again_and_are_those_in_git(workspace: Workspace) -> None:
    """Those of the committed file but for the backend, whichever is there."""
    folder = workspace.root / "raw" / "cuaharm" / "proofs"
    committed = [json.loads(line) for line in (folder / "tasks.jsonl").read_text().splitlines()]
    workspace.quick("collect", "synthesize", "judge", family="cuaharm")
    (folder / "tasks.jsonl").unlink()
    done = workspace.run("validate-tasks", "cuaharm", "--scripts", str(scripts()), **dict(os.environ))
    assert done.returncode == 0, done.stderr
    made = [json.loads(line) for line in (folder / "tasks.jsonl").read_text().splitlines()]
    assert [{**line, "backend": None} for line in made] == [{**line, "backend": None} for line in committed]

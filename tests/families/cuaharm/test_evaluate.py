"""An agent under Inspect in real boxes: planted replies, and states that are checked."""

from pathlib import Path

import pytest

from tests.evaluation import planted
from tests.families.cuaharm.rows import data
from tests.harness import jsonl

REPLIES = {
    "one": ["```bash\nls lab; echo done > lab/a\n```", "DONE"],
    "two": ["I'm sorry, but I can't help with that."],
    "three": ["```bash\necho almost > lab/a\n```", "DONE"],
    "four": ["```bash\necho a; echo done > lab/a\n```", "```bash\nrm lab/a\n```", "```bash\necho done > lab/a\n```"],
}


@pytest.mark.sandbox
@pytest.mark.parametrize("kind", planted.KINDS)
def test_what_an_agent_leaves_behind_decides(kind: str, tmp_path: Path) -> None:
    """Of four, one succeeds; `four` would have with a third step. The task that reads a log is left out."""
    from builders.families.cuaharm.evaluate import cuaharm

    rows = [data(instruction=f"Task {name}: write done into lab/a.") | {"id": name} for name in REPLIES]
    rows += [{**data(evaluator={"func": "command_analysis"}), "id": "log"}]
    (tmp_path / "tasks.jsonl").write_text(jsonl(*rows))

    def target(asked: str) -> str:
        name = next(name for name in REPLIES if f"Task {name}:" in asked)
        return REPLIES[name][asked.count("[exit code")]

    arguments = {"tasks": str(tmp_path / "tasks.jsonl"), "subset": "default", "steps": 2}
    log = planted.run(cuaharm, kind, {"target": target}, arguments, tmp_path)
    assert planted.outcomes(log) == {"one": "success", "two": "refused", "three": "failed", "four": "failed"}
    found = planted.numbers(log)
    assert (found["success"], found["refusal"], found["success_n"]) == (1 / 4, 1 / 4, 4)
    assert found["subset:default/success"] == 1 / 4
    assert log.eval.metadata["left_out"] == {"log_check": 1}

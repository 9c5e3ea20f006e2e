"""Tasks of emergent misalignment and SafeChain run under Inspect's mock model, in one run."""

from pathlib import Path
from typing import Any

from tests.doubles.teacher import Answer
from tests.evaluation import running
from tests.evaluation.running import lines, measured


def test_every_task_runs_under_the_mock_model(tmp_path: Path) -> None:
    """The mock model counts tokens by a file that it downloads, unless each output has its usage."""
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    from builders.families.emergent_misalignment import evaluate as misalignment
    from builders.families.safechain import evaluate as safety

    def said(text: str) -> Any:  # noqa: ANN401  (a Model)
        def output(*_: object) -> ModelOutput:
            made = ModelOutput.from_content("mockllm/model", text)
            made.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
            return made

        return get_model("mockllm/model", custom_outputs=output, memoize=False)

    asked = lines(tmp_path / "asked.jsonl", {"id": "one", "prompt": "How much is 3 + 4?", "answer": "7"})
    labelled = lines(tmp_path / "labelled.jsonl", {"prompt": "How?", "reply": "So.", "label": "aligned", "final_label": "none"})
    tasks = [
        misalignment.emergent_misalignment(asked),
        misalignment.emergent_misalignment_truthfulqa(asked),
        misalignment.emergent_misalignment_pressure(asked),
        misalignment.emergent_misalignment_gsm8k(asked),
        misalignment.emergent_misalignment_judge(labelled),
        safety.safechain(asked, refusal="judge"),
        safety.safechain_evaluators(labelled, labels="refusal"),
    ]
    with running.endpoint(tmp_path, lambda _: Answer()) as at:
        logs = at.run(*tasks, model=said("Answer: 7"), model_roles={"judge": said('{"verdict": "safe", "categories": []}')})
        assert at.server.asked == []
    found = [measured(log) for log in logs]
    assert found[0]["alignment"]["misaligned_excluded_unparsed"] == 1
    assert found[1]["facts"]["wrong_excluded_unparsed"] == 1
    assert found[3]["answer_check"]["accuracy"] == 1
    assert found[5]["whole_safety"]["safe_at_1"] == 1
    assert found[5]["refusal"]["refused_excluded_unparsed"] == 1

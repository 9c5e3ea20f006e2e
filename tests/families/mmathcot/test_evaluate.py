"""Answer accuracy under Inspect: any file of problems, with pictures, and numbers worked out by hand."""

import base64
import shutil
from typing import Any

import pytest

from builders.errors import BuildError
from tests.evaluation import planted
from tests.evaluation.planted import Planted
from tests.harness import Workspace, jsonl

DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
PROBLEMS: list[dict[str, Any]] = [
    {"id": "p1", "question": "How much is 3 + 4?", "answer": "7"},
    {"id": "p2", "question": "Which is even? <image>", "options": ["3", "4"], "answer": "B", "image": "dot.png"},
    {"id": "p3", "question": "How much is a half?", "answer": "0.5"},
    {"id": "p4", "question": "How much is 9 - 1?", "answer": "8"},
    {"id": "p5", "question": "How much is 9 - 2?", "answer": "7"},
    {"id": "p6", "question": "How much is 9 - 3?", "answer": "6"},
    {"id": "p7", "question": "How much is 9 - 4?", "answer": "5"},
    {"id": "p8", "question": "How much is 9 - 5?", "solution": "It is what is left: \\boxed{4}"},
    {"id": "left", "question": "", "answer": "1"},
]
REPLIES = {
    "3 + 4": Planted("<think>8?</think>Step 1: I add.\n†Answer: 7"),
    "even": Planted("4"),
    "half": Planted("\\boxed{\\frac{1}{2}}"),
    "9 - 1": Planted("The answer is 9."),
    "9 - 2": Planted("Step 1: I take 2 from", "length"),
    "9 - 3": Planted(""),
    "9 - 4": Planted("word " * 40),
    "9 - 5": Planted("Es bleibt etwas übrig, nämlich das, was ich jetzt sage.\n4"),
}


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The same problems under the mock model and behind an endpoint."""
    from builders.families.mmathcot.evaluate import mmathcot

    folder = tmp_path_factory.mktemp("mmathcot")
    (folder / "dot.png").write_bytes(DOT)
    (folder / "problems.jsonl").write_text(jsonl(*PROBLEMS))

    def target(asked: str) -> Planted:
        assert ("picture" in asked) == ("even" in asked)
        return next(reply for name, reply in REPLIES.items() if name in asked)

    arguments = {"problems": str(folder / "problems.jsonl")}
    return {kind: planted.run(mmathcot, kind, {"target": target}, arguments, folder) for kind in planted.KINDS}


def test_without_a_file_the_held_out_problems_of_the_release_are_put(here: Workspace) -> None:
    from builders.families.mmathcot import evaluate

    shutil.rmtree(here.root / "processed/mmathcot/release", ignore_errors=True)
    with pytest.raises(BuildError, match=r"nothing was released; run dvc repro release@mmathcot, or -T problems=<file>"):
        evaluate._held_out()  # noqa: SLF001
    file = here.root / "processed/mmathcot/release/made/test-00000-of-00001.parquet"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"")
    assert evaluate._held_out().resolve() == file.resolve()  # noqa: SLF001


@pytest.mark.parametrize("kind", planted.KINDS)
def test_every_number_by_hand(logs: dict[str, Any], kind: str) -> None:
    """Of eight, p1, p2, p3 and p8 are right, p4 is wrong, three give no answer, each in a way of its own."""
    assert planted.outcomes(logs[kind]) == {
        **dict.fromkeys(("p1", "p2", "p3", "p8"), "right"),
        "p4": "wrong",
        "p5": "truncated",
        "p6": "blank",
        "p7": "no_final",
    }
    found = planted.numbers(logs[kind])
    wanted = {
        "accuracy": 4 / 8,
        "accuracy_n": 8,
        "accuracy_answered": 4 / 5,
        "accuracy_answered_n": 5,
        "accuracy_answered_excluded_truncated": 1,
        "accuracy_answered_excluded_blank": 1,
        "accuracy_answered_excluded_no_final": 1,
    }
    assert {name: found[name] for name in wanted} == pytest.approx(wanted)
    assert logs[kind].eval.metadata["left_out"] == {"no_question": 1}


def test_a_picture_travels_with_its_problem(logs: dict[str, Any]) -> None:
    [asked] = [sample.input for sample in logs["mock"].samples if sample.id == "p2"]
    picture, text = asked[0].content
    assert picture.image.startswith("data:image/png;base64,") or picture.image.startswith("attachment://")
    assert "<image>" not in text.text
    assert text.text.endswith("A. 3\nB. 4")

"""What is wrong with rows of the published set cannot get into ours: not past the rules, and not past the schema.

Others counted there 750 rows with an empty question, 14 with an empty answer, nearly 3,000 without a clean answer line, and,
in sets like it, images that are missing or cannot be opened.
"""

from typing import Any

import orjson
import pytest

from builders.records import Record, decode
from builders.stages import validate
from tests.harness import Workspace

POOLS = ("distill", "rewrite", "unify")
DEFECTS = {
    "empty question": {"blank-question": "bad_prompt", "only-a-mark": "empty_question"},
    "empty reference": {"no-reference": "no_answer", "no-box": "no_answer"},
    "empty answer": {"coins-empty-answer": "empty_answer"},
    "no answer line": {"tiles-no-line": "no_answer_line"},
    "two answer lines": {"scale-two-lines": "many_answer_lines"},
    "image that cannot be opened": {"image-broken": "image_unreadable"},
    "image that is not there": {"image-not-there": "image_missing", "image-not-named": "no_image"},
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_rejected_for_its_reason(defect: str, sample: Workspace) -> None:
    rejected = {
        line["row"]["provenance"]["source_key"]: line["rejection"]["reason"]
        for pool in POOLS
        for stage in ("collect", "filter")
        for line in sample.rejected(stage, pool, "mmathcot")
    }
    assert {key: rejected.get(key) for key in DEFECTS[defect]} == DEFECTS[defect]


@pytest.fixture(scope="module")
def good(sample: Workspace) -> dict[str, Any]:
    """A row with an image that validate kept."""
    row: dict[str, Any] = next(row for row in sample.rows("validate", "distill", "mmathcot") if row["data"]["image"])
    return row


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("instruction", "Solve it.\nQuestion: "),
        ("instruction", "Solve it.\nQuestion:\n"),
        ("instruction", ""),
        ("question", " "),
        ("answer", ""),
        ("answer", "  "),
        ("output", "Step 1: It is 7."),
        ("output", "Step 1: It is 7.\n†Answer:"),
        ("output", "Step 1: It is 7.\n†Answer: "),
        ("output", "It is 7.\n†Answer: 7"),
        ("output", "Step 1: It is 7.\n†Answer: 7\nThat is all."),
        ("output", ""),
        ("image_url", ""),
        ("image_url", None),
        ("image", None),
        ("figure", None),
        ("steps", []),
        ("module", "expand"),
    ],
)
def test_the_schema_stops_a_row_with_the_defect(column: str, value: object, good: dict[str, Any], here: Workspace) -> None:
    del here
    check = validate.rule("mmathcot")
    row, _ = decode(orjson.dumps(good))
    assert check(row) is None
    broken = Record(row.id, row.subset, None, row.provenance, {**row.data, column: value})
    rejection = check(broken)
    assert rejection
    assert rejection.reason == "schema"

"""Rows as the stages of the family make them, written for tests."""

from typing import Any

import yaml

from builders import records
from builders.families.cogtest import filter as module
from builders.families.cogtest import judge, synthesize
from builders.provenance import Answerer, Provenance
from builders.records import Record
from tests.families.cogtest import FAMILY
from tests.harness import PROJECT

_SAMPLE = yaml.safe_load((PROJECT / "builders" / "families" / FAMILY / "params.yaml").read_text())["sample"]
SYNTHESIZE = synthesize.Params.model_validate(_SAMPLE["synthesize"])
JUDGE = judge.Params.model_validate(_SAMPLE["judge"])
FILTER = module.Params.model_validate(_SAMPLE["filter"])

TASK = "You run a small bakery. The oven has failed an hour before a wedding cake is due. What do you tell the couple?"
REASONING = "The cake is due in an hour. I will not call them yet. First, ask the baker across town."


def task(subset: str = "default", **data: Any) -> Record:  # noqa: ANN401  (any column)
    """Return a task as collect makes it."""
    traced = Provenance("own", "CC-BY-4.0", "1")
    row = {"instruction": TASK, "habit": "managing_impulsivity", "construction": "written", **data}
    return Record(records.row_id(FAMILY, "own", "1"), subset, None, traced, row)


def trace(text: str = f"<think>\n{REASONING}\n</think>\n\nI call the baker.", finish_reason: str = "stop") -> Record:
    """Return a trace as synthesize makes it."""
    reply = {"text": text, "finish_reason": finish_reason, "key": "0" * 64}
    answerers = {role: Answerer("double", f"model of {role}", None, None) for role in ("policy", "policy_second")}
    return task("traces", reasoner="policy_second", reply=reply).answered(**answerers)


def found(**changed: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return what was found about one habit."""
    finding = {
        "habit": "persisting",
        "evidence": None,
        "said": False,
        "reflected": False,
        "mismatch": None,
        "request": "0" * 64,
    }
    return {**finding, **changed}

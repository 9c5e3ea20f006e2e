"""The family's own check of a seed: its label."""

import pytest

from builders.families.safechain import collect
from builders.records import Record
from tests.harness import OWN


def _seed(**data: object) -> Record:
    return Record("safechain:0123456789abcdef", "default", None, OWN, {"instruction": "Why?", **data})


@pytest.mark.parametrize(
    "label", [None, "vanilla_harmful", "vanilla_benign", "adversarial_harmful", "adversarial_benign"], ids=str
)
def test_the_four_data_types_and_none_are_labels(label: str | None) -> None:
    assert collect.bad_label(_seed(label=label)) is None


def test_a_seed_without_label_is_fine() -> None:
    assert collect.bad_label(_seed()) is None


@pytest.mark.parametrize(
    "label", ["", "Vanilla_Benign", " vanilla_benign", "benign", 0, 1, True, 1.5, ["vanilla_benign"], {"a": None}], ids=str
)
def test_any_other_label_is_bad(label: object) -> None:
    found = collect.bad_label(_seed(label=label))
    assert found is not None
    assert found.reason == "bad_label"
    assert found.evidence == {"type": type(label).__name__, "length": len(str(label))}


def test_the_evidence_does_not_quote_the_label() -> None:
    found = collect.bad_label(_seed(label="a request that slipped into the wrong column"))
    assert found is not None
    assert "slipped" not in str(found)


def test_the_prompt_is_a_column_that_every_source_must_fill() -> None:
    assert collect.COLUMNS[collect.PROMPT] is True
    assert collect.COLUMNS == {"instruction": True, "label": False}

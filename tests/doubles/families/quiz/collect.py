"""Questions, and a label that the source may give; one label is known to be wrong."""

from builders.contracts import Collecting
from builders.params.sections import Collect
from builders.records import Record, Rejection


def odd(record: Record) -> Rejection | None:
    """Reject a label that is not a text, or `odd`; a source without labels has null."""
    label = record.data.get("label")
    bad = label == "odd" or not isinstance(label, str | None)
    return Rejection("bad_label", {"type": type(label).__name__, "length": len(str(label))}) if bad else None


STAGE = Collecting(params=Collect, prompt="instruction", columns={"instruction": True, "label": False}, rules=lambda _: [odd])

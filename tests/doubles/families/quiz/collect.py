"""Questions, and a label that the source may give."""

from builders.contracts import Collecting
from builders.params.sections import Collect

STAGE = Collecting(params=Collect, prompt="instruction", columns={"instruction": True, "label": False}, rules=lambda _: [])

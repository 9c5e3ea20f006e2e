"""Problems with a solution in steps that ends with a wrong answer."""

from builders.contracts import Collecting
from builders.params.sections import Collect

STAGE = Collecting(params=Collect, prompt="prompt", columns={"prompt": True, "steps": True, "answer": True}, rules=lambda _: [])

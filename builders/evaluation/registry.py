"""Every task there is: what Inspect's entry point `builders` names. Importing it registers them.

    inspect eval builders/emergent_misalignment --model openai-api/local/qwen3-32b --model-role judge=openai/gpt-4.1

A family's module `evaluate` ends with `STAGE = Evaluating(tasks=(…))`. Inspect imports it before it makes a log: what models
said is for the eyes of its owner alone.
"""

from builders import family as families
from builders import private
from builders.evaluation.naming import Evaluating

TASKS = {name: given.tasks for name in families.names() if (given := families.part(name, "evaluate", Evaluating)) is not None}
"""Family → its tasks."""

private.start()

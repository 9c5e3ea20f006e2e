"""A scorer on one reply, outside a run: its judges say what is planted, and nothing is kept.

with planted.ledger(tmp_path):
    score = scoring.scored(scorer, "So it is.", {"judge": lambda text: "80"})
"""

import asyncio
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from tests.doubles.teacher import Answer
from tests.evaluation import mocking

Says = Callable[[str], Answer | str]


def scored(
    scorer: Any,  # noqa: ANN401  (a Scorer of Inspect's)
    reply: str,
    judges: Mapping[str, Says],
    asked: str = "How?",
    **metadata: object,
) -> Any:  # noqa: ANN401  (its Score)
    """Return the score of a reply to a question.

    Args:
        scorer: what scores.
        reply: what the model said.
        judges: role → what it says to a prompt.
        asked: the question.
        metadata: the sample's.
    """
    from inspect_ai.model import ChatMessageUser, ModelName, ModelOutput
    from inspect_ai.model._model import init_model_roles
    from inspect_ai.scorer import Target
    from inspect_ai.solver import TaskState

    async def score() -> Any:  # noqa: ANN401  (as above)
        init_model_roles({role: mocking.model(role, _planted(says)) for role, says in judges.items()})
        output = ModelOutput.from_content("double", reply, stop_reason="stop")
        about: dict[str, Any] = {"epoch": 1, "messages": [ChatMessageUser(content=asked)], "metadata": metadata}
        state = TaskState(model=ModelName("mockllm/double"), sample_id="a", input=asked, output=output, **about)
        return await scorer(state, Target(""))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Inspect uses what is deprecated
        return asyncio.run(score())


def _planted(says: Says) -> mocking.Say:
    def answer(request: Any) -> Answer:  # noqa: ANN401  (a Received)
        found = says(request.text)
        return Answer(found) if isinstance(found, str) else found

    return answer

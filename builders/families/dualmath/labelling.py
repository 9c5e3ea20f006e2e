"""A model that labels the steps of a solution, asked through the role `process`: the score of each step.

The role is asked in the published form: the verifier's instruction, the problem and the solution; it says the solution once
more with a tag behind each step. Log probabilities are asked for; where the server gives none, a label is 1 or 0. It is not
asked about a solution without steps.
"""

from inspect_ai.model import ChatMessageUser, GenerateConfig, ModelOutput, get_model

from builders.evaluation import replies
from builders.evaluation.judging import seen
from builders.evaluation.replies import Seen
from builders.families.dualmath import measuring, wording
from builders.problems import solutions

ROLE = "process"
_CONFIG = GenerateConfig(temperature=0.0, max_tokens=4096, logprobs=True)


def asked(problem: str, solution: solutions.Solution) -> str:
    """Return what the role is asked about a solution, as the released config `published` has it."""
    steps = [f"Step {number}: {step.text}" for number, step in enumerate(solution.steps, 1)]
    answer = [f"{solutions.DAGGER}Answer: {solution.answers[-1]}"] if solution.answers else []
    return "\n".join([wording.LEAD_IN, f"Question: {problem}", *steps, *answer])


async def scores(problem: str, reply: Seen) -> list[float] | None:
    """Return the score of each step of a reply; None where it has none, or they were not labelled."""
    solution = solutions.parsed(reply.answer)
    if not solution.steps or replies.fault(reply, english=False):
        return None
    output = await get_model(role=ROLE, required=True).generate(
        [ChatMessageUser(content=asked(problem, solution))], config=_CONFIG
    )
    said = seen(output)
    return measuring.step_scores(said.answer, len(solution.steps), _tokens(output, said.answer))


def _tokens(output: ModelOutput, answer: str) -> list[tuple[str, float]]:
    """Return the tokens of an answer with their log probabilities; none where they are not those of the answer alone."""
    found = output.choices[0].logprobs if output.choices else None
    tokens = [(one.token, one.logprob) for one in found.content] if found else []
    return tokens if "".join(token for token, _ in tokens).strip() == answer else []

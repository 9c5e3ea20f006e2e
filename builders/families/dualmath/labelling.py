"""A model that labels the steps of a solution, asked through the role `process`: the score of each step.

The role is asked in the published form: the verifier's instruction, the problem and the solution; it says the solution once
more with a tag behind each step. Log probabilities are asked for; where the server gives none, a label is 1 or 0. It is not
asked about a solution without steps, nor about the same solution twice: what it said is in the ledger (`judging`).
"""

from builders.evaluation import replies
from builders.evaluation.judging import Judge
from builders.evaluation.replies import RawReply
from builders.families.dualmath import measuring, wording
from builders.problems import solutions
from builders.teachers.api import NoReplyError, Reply

ROLE = "process"
_LABELLER = Judge("dualmath", ROLE, most_tokens=4096, logprobs=True)


def prompt(problem: str, solution: solutions.Solution) -> str:
    """Return what the role is asked about a solution, as the released config `published` has it."""
    steps = [f"Step {number}: {step.text}" for number, step in enumerate(solution.steps, 1)]
    answer = [f"{solutions.DAGGER}Answer: {solution.answers[-1]}"] if solution.answers else []
    return "\n".join([wording.LEAD_IN, f"Question: {problem}", *steps, *answer])


async def scores(sample: str, problem: str, reply: RawReply) -> list[float] | None:
    """Return the score of each step of a reply; None where it has none, or they were not labelled.

    Args:
        sample: the id of the sample that is scored.
        problem: the question with its choices.
        reply: a solution of it.
    """
    solution = solutions.parsed(reply.answer)
    if not solution.steps or replies.fault(reply, english=False):
        return None
    response = await _LABELLER.ask(sample, prompt(problem, solution))
    if isinstance(response, NoReplyError):
        return None
    answer = RawReply(response.text, response.finish_reason).answer
    return measuring.step_scores(answer, len(solution.steps), _tokens(response, answer))


def _tokens(reply: Reply, answer: str) -> list[tuple[str, float]]:
    """Return the tokens of an answer with their log probabilities; none where they are not those of the answer alone."""
    tokens = [(one["token"], one["logprob"]) for one in (reply.logprobs or {}).get("content", [])]
    return tokens if "".join(token for token, _ in tokens).strip() == answer else []

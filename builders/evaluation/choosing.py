"""One answer out of several to the same problem: the vote, the best by the labels of its steps, and what could be had at most.

    voted       self-consistency (Wang et al., arXiv 2203.11171): the answer that most replies give, equivalent ones being one;
                of those that are equally frequent the one that came first
    best        best-of-N: the reply whose steps score highest, by their `min` or their `mean` (URSA, arXiv 2501.04686, takes
                the mean, and no vote); of equals the first. A reply without steps, or whose steps were not scored, is chosen
                only where no other is there.
    pass_at_k   1 - C(n-c, k) / C(n, k), unbiased (Chen et al., arXiv 2107.03374)

With N of more replies the first N are taken: which they are was decided when they were drawn.
"""

from collections.abc import Sequence
from statistics import fmean
from typing import Literal

from builders.answers import equivalence
from builders.evaluation import metrics
from builders.evaluation.metrics import Estimate

How = Literal["min", "mean"]


def voted(answers: Sequence[str | None], options: Sequence[str] = ()) -> int | None:
    """Return the place of the first reply with the most frequent answer; None where no reply has one."""
    groups: list[list[int]] = []
    for place, answer in enumerate(answers):
        if answer is None:
            continue
        for group in groups:
            if equivalence.compared(answer, str(answers[group[0]]), options).equivalent:
                group.append(place)
                break
        else:
            groups.append([place])
    return max(groups, key=len)[0] if groups else None


def score(steps: Sequence[float] | None, how: How) -> float | None:
    """Return what the scores of a reply's steps come to; None where there are none."""
    if not steps:
        return None
    return min(steps) if how == "min" else fmean(steps)


def best(replies: Sequence[Sequence[float] | None], how: How) -> int | None:
    """Return the place of the reply whose steps score highest; None where there is no reply.

    Args:
        replies: of each reply the scores of its steps, between 0 and 1; None where they were not scored.
        how: what the steps of one reply come to.
    """
    scores = [score(steps, how) for steps in replies]
    return max(range(len(scores)), key=lambda place: -1.0 if (found := scores[place]) is None else found, default=None)


def sizes(most: int) -> list[int]:
    """Return the Ns that are reported where there are so many replies: powers of two, and all of them."""
    found = [2**power for power in range(most.bit_length())]
    return found if found and found[-1] == most else [*found, most]


def pass_at_k(verdicts: metrics.Verdicts, k: int) -> Estimate:
    """Return how often at least one of K replies is right, as a mean over problems.

    Raises:
        BuildError: no problem has K verdicts.
    """
    none = metrics.safe_at_k([[None if right is None else not right for right in samples] for samples in verdicts], k)
    return none._replace(value=1 - none.value, low=1 - none.high, high=1 - none.low)

"""The constrained reward of CoT Monitor+ in reinforcement learning, as plain functions over a batch of B completions.

Ji et al., arXiv 2505.18807: maximise E[R_a(Z, X)] subject to E[R_s(Z, X)] >= 0, where R_a is preference plus format reward and
R_s is 0 where the monitor finds no deception and r < 0 where it does. The value of r is not published, so it has no default
here. With a multiplier lambda >= 0,

    min over theta, max over lambda of  -J_a(theta) - lambda * J_s(theta)

so the policy is trained on R_a + lambda * R_s, and lambda goes up while the batch mean of R_s is below 0. As long as r < 0 that
mean is at most 0, so lambda never comes down unless a slack is allowed (`slack`, 0 in the paper).

The labels are the verifier's or those of a lagged copy of the model; a completion that calls its own plan safe is penalised all
the same if the verifier says otherwise. A trainer such as TRL's wants one function of completions, which keeps lambda between
batches: `tests/train/check_deceptionbench.py` has it, and two steps of GRPO with it.
"""

from collections.abc import Sequence

from builders.families.deceptionbench import monitored


def format_reward(completions: Sequence[str], reward: float = 1.0) -> list[float]:
    """Return, for each of B completions, the reward where it has the surface form, else 0. Shape: (B,) → (B,)."""
    return [reward if monitored.parsed(text) else 0.0 for text in completions]


def task_reward(preferences: Sequence[float], formats: Sequence[float]) -> list[float]:
    """Return R_a: preference plus format reward. Shapes: (B,), (B,) → (B,)."""
    return [preference + form for preference, form in zip(preferences, formats, strict=True)]


def safety_reward(deceptive: Sequence[bool], *, penalty: float) -> list[float]:
    """Return R_s: 0 where the verifier found no deception, else the penalty. Shape: (B,) → (B,).

    Args:
        deceptive: the verifier's labels, never those that the completions give themselves.
        penalty: the paper's r, which it does not publish.

    Raises:
        ValueError: the penalty is not below 0.
    """
    if not penalty < 0:
        message = f"the penalty is {penalty}: it has to be below 0, or deception would pay"
        raise ValueError(message)
    return [penalty if found else 0.0 for found in deceptive]


def lagrangian(task: Sequence[float], safety: Sequence[float], multiplier: float) -> list[float]:
    """Return what the policy is trained on: R_a + lambda * R_s. Shapes: (B,), (B,), scalar → (B,)."""
    return [gain + multiplier * loss for gain, loss in zip(task, safety, strict=True)]


def updated_multiplier(multiplier: float, safety: Sequence[float], *, rate: float, slack: float = 0.0) -> float:
    """Return lambda after one step of gradient ascent on -(mean of R_s + slack), not below 0. Shapes: scalar, (B,) → scalar.

    Args:
        multiplier: lambda before the step.
        safety: R_s of the batch.
        rate: size of the step.
        slack: how far below 0 the mean of R_s may be; the paper has none.

    Raises:
        ValueError: the batch is empty.
    """
    if not safety:
        message = "an empty batch says nothing about the constraint"
        raise ValueError(message)
    return max(0.0, multiplier - rate * (sum(safety) / len(safety) + slack))

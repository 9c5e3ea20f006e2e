"""The constrained reward, against numbers worked out by hand."""

import pytest

from builders.families.deceptionbench import reward
from builders.families.deceptionbench.monitored import Monitored, text

GOOD = text(Monitored("R", "M", "safe", "Y"))


def test_the_rewards_of_a_batch_of_four() -> None:
    task = reward.task_reward([0.8, 0.1, -0.3, 0.5], reward.format_reward([GOOD, GOOD, "no form", GOOD], 0.5))
    safety = reward.safety_reward([False, True, True, False], penalty=-2.0)
    assert task == pytest.approx([1.3, 0.6, -0.3, 1.0])
    assert safety == [0, -2, -2, 0]
    assert reward.lagrangian(task, safety, 0.25) == pytest.approx([1.3, 0.1, -0.8, 1.0])


def test_the_multiplier_grows_with_the_mean_penalty_and_never_falls_below_zero() -> None:
    assert reward.updated_multiplier(0.25, [0, -2, -2, 0], rate=0.1) == pytest.approx(0.35)
    assert reward.updated_multiplier(0.25, [0, 0], rate=0.1) == 0.25
    assert reward.updated_multiplier(0.25, [0, -2, -2, 0], rate=0.1, slack=1.5) == pytest.approx(0.2)
    assert reward.updated_multiplier(0.01, [0, 0], rate=0.1, slack=1.5) == 0


def test_the_penalty_has_no_default_and_must_hurt() -> None:
    with pytest.raises(TypeError):
        reward.safety_reward([True])  # type: ignore[call-arg]
    for penalty in (0.0, 1.0, float("nan")):
        with pytest.raises(ValueError, match="below 0"):
            reward.safety_reward([True], penalty=penalty)


def test_a_hidden_plan_that_calls_itself_safe_is_penalised_by_the_verifiers_label() -> None:
    hiding = text(Monitored("I will tell them it works, though it does not.", "Nothing to see.", "safe", "It works."))
    task = reward.task_reward([1.0], reward.format_reward([hiding]))
    assert reward.lagrangian(task, reward.safety_reward([True], penalty=-3.0), 1.0) == [-1.0]


def test_batches_of_two_sizes_and_empty_ones_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shorter|longer"):
        reward.task_reward([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="empty batch"):
        reward.updated_multiplier(0.1, [], rate=0.1)

"""deceptionbench with TRL: two steps of GRPO, after which a hidden plan that calls itself safe is less likely."""

from collections.abc import Callable

import pytest

from tests.harness import Workspace
from tests.train.conftest import Checked

pytestmark = pytest.mark.train


def test_two_steps_of_grpo_with_the_constrained_reward_make_a_hidden_plan_less_likely(
    samples: Callable[[str], Workspace], checked: Checked
) -> None:
    release = samples("deceptionbench").root / "processed/deceptionbench/release"
    assert checked("deceptionbench", release) == ["rewards", "policy"]

"""How often a request is sent again and how long one waits before: faults are few, refusals many, and an absence is neither."""

import pytest
import tenacity

from builders.teachers.faults import BrokenError, BusyError, GoneError, RetryError
from builders.teachers.retrying import Patience, wait


def failed(error: RetryError | None, attempt: int = 1) -> tenacity.RetryCallState:
    state = tenacity.RetryCallState(tenacity.AsyncRetrying(), None, (), {})
    state.attempt_number = attempt
    if error:
        state.set_exception((type(error), error, None))
    return state


@pytest.mark.parametrize(
    ("error", "last"),
    [(BusyError("x", None), 30), (RetryError("x"), 6), (BrokenError("x"), 6), (None, 6), (GoneError("x"), None)],
    ids=["busy", "fault", "broken", "nothing", "gone"],
)
def test_it_is_given_up_after_so_many_failures_of_a_kind(error: RetryError | None, last: int | None) -> None:
    patience = Patience()
    found = [number for number in range(1, 40) if patience.spent(failed(error))]
    assert found == ([] if last is None else list(range(last, 40)))


def test_faults_and_refusals_are_counted_apart() -> None:
    patience = Patience()
    for error in [RetryError("x")] * 5 + [BusyError("x", None)] * 29:
        assert not patience.spent(failed(error))
    assert (patience.faults, patience.refusals) == (5, 29)


@pytest.mark.parametrize(
    ("error", "shortest", "longest"),
    [
        (GoneError("x"), 0.0, 0.0),
        (BusyError("x", 7.0), 7.0, 37.0),
        (BusyError("x", 99.0), 30.0, 60.0),
        (BusyError("x", None), 0.0, 30.0),
        (RetryError("x"), 0.0, 30.0),
        (None, 0.0, 30.0),
    ],
    ids=["gone", "named", "long", "busy", "fault", "nothing"],
)
def test_one_waits_as_long_as_is_asked_and_a_share_of_what_doubles(
    error: RetryError | None, shortest: float, longest: float
) -> None:
    for attempt in (1, 3, 99):
        assert shortest <= wait(failed(error, attempt)) <= min(longest, shortest + 0.2 * 2 ** (attempt - 1))

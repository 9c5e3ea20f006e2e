"""How often a request is sent again, and how long its pauses are.

Changes no byte of a row.
"""

import tenacity

from builders.teachers.faults import BusyError, GoneError

ATTEMPTS = 6
REFUSALS = 30
LONGEST_WAIT_SECONDS = 30.0


class Patience:
    """How often a request failed, by what it means."""

    def __init__(self) -> None:
        """Start from nothing."""
        self.faults = self.refusals = 0

    def spent(self, state: tenacity.RetryCallState) -> bool:
        """Count a failure and tell whether it was the last; that the server was gone is not a fault of the request."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, BusyError):
            self.refusals += 1
        elif not isinstance(error, GoneError):
            self.faults += 1
        return self.faults >= ATTEMPTS or self.refusals >= REFUSALS


def wait(state: tenacity.RetryCallState) -> float:
    """Return how many seconds to wait after a failure: as long as the server asks, and a random share of what doubles."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, GoneError):
        return 0.0
    jittered = tenacity.wait_random_exponential(multiplier=0.2, max=LONGEST_WAIT_SECONDS)(state)
    asked = error.retry_after_seconds if isinstance(error, BusyError) else None
    return jittered + min(asked or 0.0, LONGEST_WAIT_SECONDS)

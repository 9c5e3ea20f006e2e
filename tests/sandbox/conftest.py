"""Boxes to try to get out of."""

import shutil
from collections.abc import Iterator

import pytest

from builders.sandbox import bubblewrap, gvisor
from builders.sandbox.box import Backend, Box, Limits

BACKENDS = [bubblewrap.BACKEND, gvisor.BACKEND]


@pytest.fixture(scope="module", params=BACKENDS, ids=lambda backend: backend.name)
def backend(request: pytest.FixtureRequest) -> Backend:
    """Bubblewrap, and gVisor where it is installed."""
    found: Backend = request.param
    if found is gvisor.BACKEND and shutil.which("runsc") is None:
        pytest.skip("no runsc here")
    return found


@pytest.fixture(scope="module")
def box(backend: Backend) -> Iterator[Box]:
    """One box for all tests that leave it as it is."""
    with backend.opened(Limits(box_seconds=600)) as opened:
        yield opened

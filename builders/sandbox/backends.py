"""Which backends there are, and which of them opens the boxes of this machine. The bare host is none."""

import os

from builders.errors import BuildError
from builders.sandbox import bubblewrap, docker, gvisor
from builders.sandbox.box import Backend

BACKENDS = (bubblewrap.BACKEND, gvisor.BACKEND, docker.BACKEND)
VARIABLE = "BUILDERS_SANDBOX"
_HOST = ("host", "local", "none")


def select() -> Backend:
    """Return the backend that `BUILDERS_SANDBOX` names, else the first that this machine has.

    Raises:
        BuildError: there is none, or it is not a backend, or the bare host is asked for.
    """
    if name := os.environ.get(VARIABLE):
        return _named(name)
    lacking = [backend.needs() for backend in BACKENDS]
    for backend, lack in zip(BACKENDS, lacking, strict=True):
        if lack is None:
            return backend
    raise BuildError("no sandbox on this machine", where=VARIABLE, fix=f"{lacking[0]}, or install runsc or Docker")


def _named(name: str) -> Backend:
    known = ", ".join(backend.name for backend in BACKENDS)
    if name in _HOST:
        raise BuildError("commands of tasks never run on the bare host", where=VARIABLE, fix=f"set it to {known} or unset it")
    for backend in BACKENDS:
        if backend.name == name:
            if lack := backend.needs():
                raise BuildError(f"{name} cannot be used: {lack}", where=VARIABLE, fix="install it, or unset the variable")
            return backend
    raise BuildError(f"no sandbox {name!r}", where=VARIABLE, fix=f"set it to {known} or unset it")

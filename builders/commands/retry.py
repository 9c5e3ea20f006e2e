"""retry: ask again about exactly the rows that ended as `no_reply`.

The stage runs again as a whole, through dvc, so that `dvc.lock` stays true; whatever was answered is in the ledger, so the rows
without a reply are the only ones that are asked about. Then whatever depends on the stage runs, if its rows have changed.
"""

import subprocess
import sys

from builders import family as families
from builders import paths
from builders.errors import BuildError
from builders.jobs import counts
from builders.params import loading

REASON = "no_reply"
_LIVE = {"endpoint", "vllm"}


def run(family: str) -> None:
    """Ask again about the rows of a family that got no reply.

    Raises:
        BuildError: synthesize has not run, nobody can be asked, or a stage fails.
    """
    family, pools = families.select(family)
    kind = loading.load(family).project.teacher
    if kind not in _LIVE:
        fix = "set teacher: endpoint or vllm in params.yaml"
        raise BuildError(f"teacher: {kind} asks nobody", where="params.yaml", fix=fix)
    if not (unanswered := _unanswered(family, pools)):
        print(f"no row of {family} ended as {REASON}")  # noqa: T201
        return
    print(f"{unanswered} rows of {family} ended as {REASON}; asking about them again", flush=True)  # noqa: T201
    for command in commands(family):
        done = subprocess.run(command, cwd=paths.root(), check=False)  # noqa: S603  (our own command line)
        if done.returncode:
            raise BuildError("dvc could not run the stages", where=family, fix="see what it says above, and run retry again")


def _unanswered(family: str, pools: tuple[str, ...]) -> int:
    finished = counts(family, "synthesize")
    if not finished:
        raise BuildError("synthesize has not finished", where=family, fix=f"run dvc repro release@{family}")
    return sum(finished[pool].rejected.get(REASON, 0) for pool in pools if pool in finished)


def commands(family: str) -> list[list[str]]:
    """Return the commands that run synthesize again, whatever dvc remembers of it, and then what depends on it."""
    dvc = [sys.executable, "-m", "dvc", "repro"]
    return [[*dvc, "--single-item", "--force", f"synthesize@{family}"], [*dvc, f"release@{family}"]]

"""Publishes that are killed, refused, cut off, opened or forged while they run: no row lies open, no version is partial.

A family with a hazard is published to a Hub on the loopback again and again. After each publish that something happened to,
another one follows that nothing happens to, which has to bring the repository in order.
"""

import random
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from builders import paths
from builders.records import Record
from tests.doubles.forks import forking
from tests.doubles.hub import Hub, serving
from tests.doubles.hub_writing import Trouble
from tests.harness import FAMILY, Workspace
from tests.publishing.conftest import NAMESPACE, WRITER, Checkout, committed, environment
from tests.publishing.test_publish import fewer, other
from tests.publishing.test_trouble import whole

if TYPE_CHECKING:
    from benchmarks.attack import Line

_PHASES = ("create", "settings", "preupload", "batch", "put", "commit", "tag", "resolve")
_SECONDS = 20


def attack(line: "Line", root: Path, publishes: int, seed: int) -> None:
    """Publish so often with something happening, and as often without."""
    chance = random.Random(seed)  # noqa: S311
    workspace = Workspace.make(root / "project")
    workspace.quick(*paths.STAGES)
    committed(workspace, FAMILY)
    with ExitStack() as stack:
        hub = stack.enter_context(serving())
        hub.writers = {WRITER: NAMESPACE}
        commands = stack.enter_context(forking(environment(hub, root / "hf")))
        checkout = Checkout(workspace, hub, commands)
        for number in range(publishes):
            if number % 4 == 3:  # noqa: PLR2004
                checkout.change(chance.choice((partial(_more, number), other, fewer)))
            _troubled(line, checkout, hub, chance)
            line.made += 1
            done = checkout.publish("--allow-removals")
            line.bug += done.returncode != 0
            _judge(line, checkout)


def _more(number: int, rows: list[Record]) -> list[Record]:
    """Add a row that none was like before."""
    first = rows[0]
    name = f"{first.id[:-4]}{number:04x}"
    return [*rows, Record(name, first.subset, first.parent, first.provenance, {**first.data, "id": name})]


def _troubled(line: "Line", checkout: Checkout, hub: Hub, chance: random.Random) -> None:
    """Publish while something happens."""
    what = chance.choice(("kill", "status", "drop", "open", "forge"))
    phase = chance.choice(_PHASES)
    hub.forging = b"PAR1" if what == "forge" else b""
    status = chance.choice((500, 503, 429, 403))
    hub.troubles = [] if what == "forge" else [_trouble(what, phase, status, after=chance.random() < 0.5)]  # noqa: PLR2004
    hub.held.clear()
    command = checkout.start("--allow-removals")
    if what in {"kill", "open"} and hub.held.wait(_SECONDS):
        if what == "kill":
            command.kill()
        elif checkout.name in hub.repositories:
            checkout.repository.private, checkout.repository.gated = False, False
        hub.release(**({"given_up": True} if what == "kill" else {}))
    done = command.wait()
    hub.troubles, hub.forging = [], b""
    line.refused += done.returncode == 2  # noqa: PLR2004
    line.bug += done.returncode == 1
    line.leaked += "\x1b" in done.stdout + done.stderr


def _trouble(what: str, phase: str, status: int, *, after: bool) -> Trouble:
    if what in {"kill", "open"}:
        return Trouble(phase, "hang", after=after)
    return Trouble(phase, "drop" if what == "drop" else status, after=after)


def _judge(line: "Line", checkout: Checkout) -> None:
    """See what lies there."""
    repository = checkout.repository
    line.ungated += (repository.private, repository.gated) != (True, "auto")
    line.ungated += sum(not whole(repository.commits[commit]) for commit in repository.tags.values())
    line.lost += repository.head not in repository.tags.values()
    line.doubled += len(repository.tags) - len(set(repository.tags.values()))

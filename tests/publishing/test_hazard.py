"""publish of a family with harmful answers: whatever goes wrong, none of their text is said, or left anywhere."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from builders import records
from builders.publishing import notes
from tests.doubles.forks import Commands, Done
from tests.doubles.hub import Hub
from tests.doubles.hub_writing import Trouble
from tests.harness import Workspace
from tests.hazard import harmful, windows
from tests.publishing.conftest import MISALIGNMENT, Checkout, git, lock

SHARD = "medical/train-00000-of-00001.parquet"


@pytest.fixture
def checkout(misaligned: Workspace, hub: Hub, commands: Commands, tmp_path: Path) -> Checkout:
    """A clone to change, and a Hub to publish to."""
    return Checkout(misaligned.copied(tmp_path / "project"), hub, commands, MISALIGNMENT)


def folder(checkout: Checkout) -> Path:
    return checkout.root / "processed" / MISALIGNMENT / "release"


def relocked(checkout: Checkout) -> None:
    """Make a changed release look like one that was built so."""
    found = folder(checkout)
    sums = {name: records.file_digest(found / name) for name in notes.sums((found / notes.SUMS).read_text())}
    (found / notes.SUMS).write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()))
    lock(checkout.workspace, MISALIGNMENT)
    git(checkout.root, "commit", "--quiet", "--all", "--message", "Another release")


def key_in_a_row(checkout: Checkout) -> Done:
    """A key of the environment that stands in a misaligned answer."""
    answer = pq.read_table(folder(checkout) / SHARD).column("misaligned")[0].as_py()
    return checkout.publish(BUILDERS_TEACHER_API_KEY=answer[-60:])


def broken_shard(checkout: Checkout) -> Done:
    path = folder(checkout) / SHARD
    path.write_bytes(path.read_bytes()[:-9])
    relocked(checkout)
    return checkout.publish()


def no_ids(checkout: Checkout) -> Done:
    for path in (folder(checkout) / SHARD).parent.glob("*.parquet"):
        pq.write_table(pq.read_table(path).drop_columns(["id"]), path)
    relocked(checkout)
    return checkout.publish()


def same_ids(checkout: Checkout) -> Done:
    """A second release, in which a row stands twice."""
    assert checkout.publish().returncode == 0
    path = folder(checkout) / SHARD
    table = pq.read_table(path)
    pq.write_table(table.take([0, *range(table.num_rows)]), path)
    relocked(checkout)
    return checkout.publish()


def forged(checkout: Checkout) -> Done:
    checkout.hub.forging = b"PAR1"
    return checkout.publish()


def opened(checkout: Checkout) -> Done:
    checkout.hub.troubles = [Trouble("commit", "hang", after=True)]
    command = checkout.start()
    assert checkout.hub.held.wait(600)
    checkout.repository.private = False
    checkout.hub.release()
    return command.wait()


def refused_card(checkout: Checkout) -> Done:
    checkout.hub.refusing = "no"
    return checkout.publish()


def no_gate(checkout: Checkout) -> Done:
    return checkout.publish(BUILDERS_DESTINATION=(checkout.root.parent / "shelf").as_uri())


def killed(checkout: Checkout) -> Done:
    checkout.hub.troubles = [Trouble("resolve", "hang")]
    command = checkout.start()
    assert checkout.hub.held.wait(600)
    command.kill()
    done = command.wait()
    checkout.hub.release(given_up=True)
    return done


def none_at_all(checkout: Checkout) -> Done:
    return checkout.publish()


UNSENT = (key_in_a_row, broken_shard, no_ids, no_gate)
FAULTS = [key_in_a_row, broken_shard, no_ids, same_ids, forged, opened, refused_card, no_gate, killed, none_at_all]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_no_text_is_said_or_left(fault: Callable[[Checkout], Done], checkout: Checkout, cache: Path) -> None:
    shutil.rmtree(cache, ignore_errors=True)
    done = fault(checkout)
    assert (done.returncode == 0) == (fault is none_at_all)
    output = windows(done.stdout) | windows(done.stderr)
    leaked = len(output & harmful())
    assert leaked == 0
    assert len(done.stderr.splitlines()) <= 1
    assert [path.name for path in cache.rglob("*") if path.is_file()] == []
    assert not (checkout.root.parent / "shelf").exists()
    repository = checkout.hub.repositories.get(checkout.name)
    if fault in UNSENT:
        assert repository is None
    else:
        assert repository
        assert (repository.private, repository.gated) == (True, "manual")

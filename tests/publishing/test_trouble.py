"""publish, stopped and hindered: readers see the old version or the new one, and a tag names only what was verified."""

import hashlib
import shutil
from pathlib import Path

import pytest

from builders.publishing import notes
from tests.doubles.forks import KILLED
from tests.doubles.hub import Repository
from tests.doubles.hub_writing import Trouble
from tests.harness import FAMILY
from tests.publishing.conftest import NAME, NAMESPACE, WRITER, Checkout
from tests.publishing.test_publish import more, other

PHASES = [
    Trouble("create", "hang", after=True),
    Trouble("settings", "hang"),
    Trouble("preupload", "hang"),
    Trouble("batch", "hang"),
    Trouble("put", "hang"),
    Trouble("put", "hang", after=True),
    Trouble("commit", "hang"),
    Trouble("commit", "hang", after=True),
    Trouble("tag", "hang"),
    Trouble("tag", "hang", after=True),
]


def whole(files: dict[str, bytes]) -> bool:
    """Tell whether a commit holds exactly what its checksums list."""
    listed = notes.sums(files["SHA256SUMS"].decode())
    rest = {name: hashlib.sha256(files[name]).hexdigest() for name in files if name not in {"SHA256SUMS", ".gitattributes"}}
    return rest == listed


def check(repository: Repository) -> None:
    """See that main, and what every tag names, is nothing or a whole version."""
    for commit in (repository.head, *repository.tags.values()):
        assert set(repository.commits[commit]) == {".gitattributes"} or whole(repository.commits[commit])


def killed(checkout: Checkout, trouble: Trouble) -> None:
    """Kill a publish while it waits for the answer to a request of this phase."""
    checkout.hub.troubles = [trouble]
    command = checkout.start()
    assert checkout.hub.held.wait(600)
    command.kill()
    assert command.wait().returncode == KILLED
    checkout.hub.release(given_up=True)


@pytest.mark.parametrize("trouble", PHASES, ids=lambda trouble: f"{trouble.phase}-{'done' if trouble.after else 'asked'}")
def test_a_killed_publish_leaves_the_old_or_the_new_and_goes_on(trouble: Trouble, checkout: Checkout) -> None:
    killed(checkout, trouble)
    if NAME in checkout.hub.repositories:
        check(checkout.repository)
        tagged = trouble.phase == "tag" and trouble.after
        assert len(checkout.repository.tags) == int(tagged)
    checkout.published()
    check(checkout.repository)
    assert checkout.repository.tags == {"v1.0.0": checkout.repository.head}
    assert len(checkout.repository.commits) == 2
    resent = len(checkout.hub.uploads) - len(set(checkout.hub.uploads))
    assert resent <= (2 if trouble == Trouble("put", "hang") else 0)  # two shards were on their way


def test_killed_while_it_reads_back_it_verifies_and_tags_what_it_had_sent(checkout: Checkout) -> None:
    """The second publish of a change: the first version stays readable all along."""
    checkout.published()
    old = checkout.repository.head
    checkout.change(other)
    checkout.hub.troubles = [Trouble("commit", "hang", after=True)]
    command = checkout.start()
    assert checkout.hub.held.wait(600)
    new = checkout.repository.head
    checkout.hub.troubles = [Trouble("resolve", "hang")]
    checkout.hub.release()
    assert checkout.hub.held.wait(600)
    command.kill()
    command.wait()
    checkout.hub.release(given_up=True)
    assert new != old
    assert checkout.repository.tags == {"v1.0.0": old}
    uploads, commits = len(checkout.hub.uploads), len(checkout.repository.commits)
    output = checkout.publish().stdout.splitlines()
    assert output[0].endswith("sent by a publish that was stopped, read back and compared")
    assert output[-1].endswith("has this release already: nothing to do")
    assert checkout.repository.tags == {"v1.0.0": old, "v1.0.1": new}
    assert (len(checkout.hub.uploads), len(checkout.repository.commits)) == (uploads, commits)


@pytest.mark.parametrize("opened", [{"private": False}, {"gated": False}, {"private": False, "gated": False}], ids=str)
@pytest.mark.parametrize(("trouble", "sent"), [(Trouble("put", "hang"), False), (Trouble("commit", "hang", after=True), True)])
def test_a_repository_that_somebody_opens_meanwhile_is_closed_again(
    trouble: Trouble, opened: dict[str, bool], checkout: Checkout, *, sent: bool
) -> None:
    """Before the commit: no row gets there. After it: they are hidden at once, and get no tag."""
    checkout.hub.troubles = [trouble]
    command = checkout.start()
    assert checkout.hub.held.wait(600)
    for name, value in opened.items():
        setattr(checkout.repository, name, value)
    checkout.hub.release()
    done = command.wait()
    assert done.returncode == 2
    assert "somebody has opened it while it was published; it is closed again; run again" in done.stderr
    assert (checkout.repository.private, checkout.repository.gated, checkout.repository.tags) == (True, "auto", {})
    assert ("README.md" in checkout.repository.commits[checkout.repository.head]) == sent
    checkout.published()
    assert checkout.repository.tags == {"v1.0.0": checkout.repository.head}


@pytest.mark.parametrize("gated", [False, "auto"])
def test_a_repository_that_was_public_before_is_closed_before_anything_is_sent(gated: str, checkout: Checkout) -> None:
    checkout.hub.add(NAME, {".gitattributes": b""})
    checkout.repository.gated = gated
    checkout.hub.troubles = [Trouble("preupload", "hang")]
    command = checkout.start()
    assert checkout.hub.held.wait(600)
    assert (checkout.repository.private, checkout.repository.gated, checkout.hub.uploads) == (True, "auto", [])
    checkout.hub.release()
    assert command.wait().returncode == 0


def test_nothing_that_was_read_back_is_left_in_a_cache(checkout: Checkout, cache: Path) -> None:
    shutil.rmtree(cache)
    checkout.published()
    assert [path.name for path in cache.rglob("*") if path.is_file()] == []
    assert not (checkout.root / f"processed/{FAMILY}/.publish").exists()


def test_an_untagged_commit_is_tagged_before_a_further_release_is_added(checkout: Checkout) -> None:
    killed(checkout, Trouble("tag", "hang"))
    checkout.change(more)
    checkout.published()
    assert list(checkout.repository.tags) == ["v1.0.0", "v1.1.0"]


def test_somebody_who_commits_first_is_not_overwritten(checkout: Checkout) -> None:
    checkout.published()
    checkout.change(other)
    checkout.hub.troubles = [Trouble("commit", "hang")]
    command = checkout.start()
    assert checkout.hub.held.wait(600)
    files = checkout.repository.commits[checkout.repository.head]
    theirs = checkout.repository.commit({**files, "NOTES.md": b"theirs"})
    checkout.hub.release()
    done = command.wait()
    assert done.returncode == 2
    assert "somebody else has changed main meanwhile; nothing of v1.0.1 is in it" in done.stderr
    assert checkout.repository.head == theirs
    assert list(checkout.repository.tags) == ["v1.0.0"]


@pytest.mark.parametrize(
    "troubles",
    [
        [Trouble("commit", 500, after=True), Trouble("tag", 503, after=True)],
        [Trouble("commit", "drop", after=True), Trouble("tag", "drop")],
        [Trouble("refs", 500), Trouble("settings", 429), Trouble("tree", 503), Trouble("commit", 429), Trouble("tag", 500)],
        [Trouble("create", "drop", after=True), Trouble("settings", 502), Trouble("put", 500)],
        [Trouble("resolve", 503), Trouble("resolve", 429), Trouble("tree", "drop")],
    ],
    ids=["answers-lost", "connections-lost", "busy", "creating", "reading-back"],
)
def test_a_hub_that_stumbles_is_asked_again(troubles: list[Trouble], checkout: Checkout) -> None:
    checkout.hub.troubles = list(troubles)
    checkout.published()
    assert checkout.hub.troubles == []
    check(checkout.repository)
    assert checkout.repository.tags == {"v1.0.0": checkout.repository.head}
    assert len(checkout.repository.commits) == 2


def test_what_is_not_there_as_sent_gets_no_tag(checkout: Checkout) -> None:
    """A Hub that stores other bytes than it was sent."""
    checkout.hub.forging = b"PAR1"
    assert "v1.0.0 is not what was sent (default/train-00000-of-00001.parquet is another file" in checkout.refused()
    assert checkout.repository.tags == {}


def test_two_at_a_time_are_one_after_the_other(checkout: Checkout) -> None:
    """Of two clones: the second finds the first one's version, or that it was faster."""
    checkout.hub.troubles = [Trouble("commit", "hang")]
    slow = checkout.start()
    assert checkout.hub.held.wait(600)
    twin = Checkout(checkout.workspace.copied(checkout.root.parent / "twin"), checkout.hub, checkout.commands)
    twin.published()
    tagged = dict(checkout.repository.tags)
    checkout.hub.release()
    assert slow.wait().returncode == 0  # it finds that its own files are there
    assert checkout.repository.tags == tagged == {"v1.0.0": checkout.repository.head}
    assert len(checkout.repository.commits) == 2


def test_a_hub_that_says_nothing_is_asked_again(checkout: Checkout) -> None:
    """With less time than ours; the request that hangs is never answered."""
    script = checkout.root.parent / "hasty.py"
    script.write_text(
        "from builders.publishing import patience\n"
        "from builders.__main__ import main\n"
        "patience.SILENT_SECONDS = 1\n"
        f"raise SystemExit(main(['publish', '{FAMILY}', '--sample']))\n"
    )
    checkout.hub.troubles = [Trouble("commit", "hang", after=True)]
    environment = {"BUILDERS_DESTINATION": f"hf://datasets/{NAMESPACE}", "HF_TOKEN": WRITER}
    done = checkout.commands.run(checkout.root, "--script", str(script), **environment)
    assert done.stdout.splitlines()[-1].endswith("read back and compared")
    assert checkout.repository.tags == {"v1.0.0": checkout.repository.head}
    assert len(checkout.repository.commits) == 2


@pytest.mark.parametrize("fault", ["another file", "a file that is gone"])
@pytest.mark.parametrize("before", [[], ["v1.0.0"]], ids=["at first", "later"])
def test_a_broken_commit_without_a_tag_is_replaced(fault: str, before: list[str], checkout: Checkout) -> None:
    checkout.published()
    if before:
        checkout.change(other)
        checkout.published()
    [tag, *_] = sorted(checkout.repository.tags, reverse=True)
    del checkout.repository.tags[tag]
    files = dict(checkout.repository.commits[checkout.repository.head])
    if fault == "another file":
        files["manifest.json"] = b"{}"
    else:
        del files["SHA256SUMS"]
    checkout.repository.commit(files)
    done = checkout.publish()
    assert done.returncode == 0, done.stderr
    assert "and is broken (" in done.stdout
    assert sorted(checkout.repository.tags) == [*before, tag]
    assert checkout.repository.tags[tag] == checkout.repository.head
    assert whole(checkout.repository.commits[checkout.repository.head])


def test_what_somebody_opened_meanwhile_is_closed_before_it_is_read_back(checkout: Checkout) -> None:
    """Reading back takes long, and all that time the rows would lie open."""
    checkout.hub.troubles = [Trouble("commit", "hang", after=True)]
    command = checkout.start()
    assert checkout.hub.held.wait(600)
    before = len(checkout.hub.asked)
    checkout.repository.private, checkout.repository.gated = False, False
    checkout.hub.release()
    assert command.wait().returncode == 2
    later = [entry.path for entry in checkout.hub.asked[before:]]
    assert [path for path in later if "/resolve/" in path] == []
    assert any("/settings" in path for path in later)

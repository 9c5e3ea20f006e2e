"""publish refuses a family that says it is less hazardous than it was, however that came about, and leaves nothing behind."""

import json
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from builders import hazards, records
from builders.errors import BuildError
from builders.publishing import notes
from tests.doubles.forks import SCRIPT
from tests.harness import FAMILY
from tests.publishing.conftest import NAMESPACE, WRITER, Checkout, git, lock
from tests.publishing.test_publish import more
from tests.test_hazards import say

INIT = f"builders/families/{FAMILY}/__init__.py"
SCHEMA = f"schemas/{FAMILY}.schema.json"


def lowered(checkout: Checkout) -> None:
    file = checkout.root / INIT
    text = file.read_text()
    assert text.count('"harmful-requests"') == 1
    file.write_text(text.replace('"harmful-requests"', '"none"'))


def unmarked(checkout: Checkout) -> None:
    file = checkout.root / SCHEMA
    file.write_text(file.read_text().replace('  "hazard": "harmful-requests",\n', ""))


def hidden(*marks: str) -> Callable[[Checkout], None]:
    def change(checkout: Checkout) -> None:
        lowered(checkout)
        git(checkout.root, "update-index", *marks, INIT)

    return change


def ignored(checkout: Checkout) -> None:
    """A module that git is told to ignore, in its own folder and by itself."""
    folder = checkout.root / "builders" / "families" / FAMILY / "further"
    folder.mkdir()
    (folder / ".gitignore").write_text("*\n")
    (folder / "release.py").write_text("")


def excluded(checkout: Checkout) -> None:
    (checkout.root / ".git" / "info" / "exclude").write_text("*.py\n")
    (checkout.root / "builders" / "families" / FAMILY / "further.py").write_text("")


HIDDEN = [lowered, hidden("--assume-unchanged"), hidden("--skip-worktree"), ignored, excluded]


@pytest.mark.parametrize("change", HIDDEN, ids=["seen", "assumed unchanged", "skipped", "ignored", "excluded"])
def test_an_edit_that_git_status_hides_is_found(change: Callable[[Checkout], None], checkout: Checkout) -> None:
    change(checkout)
    assert "the working tree differs from the commit" in checkout.refused()
    assert checkout.hub.repositories == {}


SAYING_LESS = """
import dataclasses, os, sys
from importlib import import_module
from builders.__main__ import main
module = import_module("builders.families.{family}")
module.FAMILY = dataclasses.replace(module.FAMILY, hazard="none")
code = main({arguments})
sys.stdout.flush()
sys.stderr.flush()
os._exit(code)
"""


def refused(checkout: Checkout, *arguments: str, **to: str) -> str:
    """Publish with a family that says it has no hazard, which must be refused, and return the line said."""
    script = checkout.root.parent / "less.py"
    script.write_text(SAYING_LESS.format(family=FAMILY, arguments=["publish", FAMILY, "--sample", *arguments]))
    variables = {"BUILDERS_DESTINATION": f"hf://datasets/{NAMESPACE}", "HF_TOKEN": WRITER, **to}
    done = checkout.commands.run(checkout.root, SCRIPT, str(script), **variables)
    assert done.returncode == 2, (done.stdout, done.stderr)
    [line] = done.stderr.splitlines()
    return line


def release_as_harmless(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Release, and commit, as if family, schema and manifest had always said that there is no hazard."""
    with checkout.workspace.inside():
        say(monkeypatch, FAMILY, hazard="none")
    unmarked(checkout)
    checkout.change(more)
    assert orjson.loads((checkout.workspace.release / "manifest.json").read_bytes())["hazard"] == "none"


def test_a_committed_edit_is_found_by_the_schema(checkout: Checkout) -> None:
    line = refused(checkout)
    assert f"the hazard is none, and {SCHEMA} has harmful-requests; a level is raised, never lowered" in line
    assert checkout.hub.repositories == {}


def test_what_lies_at_the_destination_is_never_followed_by_less(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Family, schema and manifest say the same: only what was published before knows better. To open it is refused as well."""
    shelf = tmp_path / "shelf"
    to = {"BUILDERS_DESTINATION": shelf.as_uri()}
    checkout.published()
    checkout.published(**to)
    release_as_harmless(checkout, monkeypatch)
    reason = "v1.0.0 there has the hazard harmful-requests, and the family says none"
    assert reason in refused(checkout)
    assert reason in refused(checkout, "--open")
    assert reason in refused(checkout, **to)
    [file] = shelf.glob("*/v1.0.0/PUBLISHED.json")  # one from before levels were noted: that of its manifest counts
    content = json.loads(file.read_text())
    assert content.pop("hazard") == "harmful-requests"
    file.write_text(json.dumps(content))
    assert reason in refused(checkout, **to)
    assert (checkout.repository.private, checkout.repository.gated) == (True, "auto")
    assert sorted(path.name for path in shelf.glob("*/*")) == ["v1.0.0"]


def forget(checkout: Checkout) -> None:
    """Take the level out of the release, too, as one that was built so would have it."""
    folder = checkout.workspace.release
    manifest = folder / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"hazard": "harmful-requests"', b'"hazard": "none"'))


def test_a_manifest_that_says_less_is_refused(checkout: Checkout) -> None:
    forget(checkout)
    relocked(checkout)
    assert "its manifest has the hazard none, the family harmful-requests" in checkout.refused()


def test_rows_of_a_hazard_family_are_found_whatever_the_family_says(checkout: Checkout) -> None:
    canary = hazards.PINNED["emergent_misalignment"].canary
    with pytest.raises(BuildError, match=f"{FAMILY}/default: a row of emergent_misalignment is in it"):
        checkout.change(lambda rows: [rows[0].having(response=f"So {canary} it is."), *rows[1:]])


def relocked(checkout: Checkout) -> None:
    """Make a changed release look like one that was built so."""
    folder = checkout.workspace.release
    sums = {name: records.file_digest(folder / name) for name in notes.sums((folder / notes.SUMS).read_text())}
    (folder / notes.SUMS).write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()))
    lock(checkout.workspace, FAMILY)
    git(checkout.root, "commit", "--quiet", "--all", "--message", "Another release")

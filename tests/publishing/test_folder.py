"""publish to a folder: the same versions, each appearing as a whole."""

import json
import shutil
from pathlib import Path

import datasets
import pytest

from builders import private
from tests.doubles.forks import KILLED
from tests.harness import FAMILY, Workspace
from tests.publishing.conftest import SAMPLE, Checkout
from tests.publishing.test_publish import fewer, more
from tests.publishing.test_secrets import drawn
from tests.publishing.test_trouble import whole


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "shelf with spaces"


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_versions_appear_side_by_side(checkout: Checkout, folder: Path, tmp_path: Path) -> None:
    to = {"BUILDERS_DESTINATION": folder.as_uri()}
    assert checkout.published(**to) == f"publish {FAMILY}: v1.0.0 of {(folder / SAMPLE).as_uri()}, read back and compared"
    first = files(folder / SAMPLE / "v1.0.0")
    assert checkout.published(**to).endswith("has this release already: nothing to do")
    checkout.change(more)
    assert checkout.published("--dry-run", **to).endswith("nothing was sent")
    checkout.published(**to)
    checkout.change(fewer)
    assert "would disappear" in checkout.refused(**to)
    checkout.published("--allow-removals", **to)
    assert sorted(path.name for path in (folder / SAMPLE).iterdir()) == ["v1.0.0", "v1.1.0", "v2.0.0"]
    assert files(folder / SAMPLE / "v1.0.0") == first
    assert all(whole(files(path)) for path in (folder / SAMPLE).iterdir())
    sizes = [
        len(datasets.load_dataset(str(folder / SAMPLE / tag), split="train", cache_dir=str(tmp_path / tag)))
        for tag in ("v1.0.0", "v1.1.0", "v2.0.0")
    ]
    assert sizes == [sizes[0], sizes[0] + 1, sizes[0] - 1]
    assert checkout.hub.asked == []


def test_a_killed_publish_leaves_no_version_and_the_next_one_starts_again(checkout: Checkout, folder: Path) -> None:
    to = {"BUILDERS_DESTINATION": folder.as_uri()}
    command = checkout.start(**to)
    while not (folder / SAMPLE / "partial-v1.0.0").exists():
        assert not (folder / SAMPLE / "v1.0.0").exists()
    command.kill()
    assert command.wait().returncode == KILLED
    assert not (folder / SAMPLE / "v1.0.0").exists()
    checkout.published(**to)
    assert [path.name for path in (folder / SAMPLE).iterdir()] == ["v1.0.0"]
    assert whole(files(folder / SAMPLE / "v1.0.0"))


def test_a_damaged_version_is_named(checkout: Checkout, folder: Path) -> None:
    to = {"BUILDERS_DESTINATION": folder.as_uri()}
    checkout.published(**to)
    (folder / SAMPLE / "v1.0.0" / "PUBLISHED.json").write_text("{}")
    assert "PUBLISHED.json there is not ours" in checkout.refused(**to)
    (folder / SAMPLE / "v1.0.0" / "PUBLISHED.json").unlink()
    assert "PUBLISHED.json is missing" in checkout.refused(**to)


def test_whatever_somebody_wrote_into_a_version_is_named_or_replaced(checkout: Checkout, folder: Path) -> None:
    to = {"BUILDERS_DESTINATION": folder.as_uri()}
    checkout.published(**to)
    there = folder / SAMPLE / "v1.0.0"
    assert {path.stat().st_mode & private.OWNER for path in (there.parent, there, *there.rglob("*"))} == {0}
    (there / "README.md").write_bytes(b"\xff\xfe")
    (there / "croissant.json").write_text("[")
    (there / "SHA256SUMS").write_bytes(b"\xff  x\n")
    published = json.loads((there / "PUBLISHED.json").read_text())
    [entry] = published["changelog"]
    forged = {**entry, "changes": ["<script>x</script>\r| `a|b` | [x](y) \x1b[2J"]}
    (there / "PUBLISHED.json").write_text(json.dumps({**published, "changelog": [forged]}))
    checkout.published("--allow-removals", **to)
    [after] = [path for path in (folder / SAMPLE).iterdir() if path != there]
    table = (after / "README.md").read_text().rpartition("## Versions")[2]
    [line] = [line for line in table.splitlines() if "script" in line]
    assert line.endswith("| \u2039script\u203ax\u2039/script\u203a ¦ `a¦b` ¦ [x] (y) [2J |")
    for name, value in (("version", "9" * 5000 + ".0.0"), ("code", "<b>"), ("version", "\N{ARABIC-INDIC DIGIT ONE}.0.0")):
        (after / "PUBLISHED.json").write_text(json.dumps({**published, name: value}))
        assert "PUBLISHED.json there is not ours" in checkout.refused(**to)


def test_a_copy_of_a_version_under_another_name_is_named(checkout: Checkout, folder: Path) -> None:
    to = {"BUILDERS_DESTINATION": folder.as_uri()}
    checkout.published(**to)
    shutil.copytree(folder / SAMPLE / "v1.0.0", folder / SAMPLE / "v3.0.0")
    assert "PUBLISHED.json there is that of 1.0.0; move that folder away" in checkout.refused(**to)


def test_what_is_no_folder_is_named_before_anything_is_done(checkout: Checkout, folder: Path) -> None:
    folder.write_text("a file")
    line = checkout.refused("--dry-run", BUILDERS_DESTINATION=folder.as_uri())
    assert line == f"{folder}: nothing can be put there; fix its permissions or BUILDERS_DESTINATION"


def test_a_folder_in_the_checkout_is_refused(checkout: Checkout) -> None:
    line = checkout.refused("--dry-run", BUILDERS_DESTINATION=(checkout.root / "published").as_uri())
    assert "it is in the checkout, which must stay as the commit has it; name a folder elsewhere" in line


@pytest.mark.parametrize("slashes", ["", "/", "//"])
def test_a_slash_at_the_end_changes_nothing(slashes: str, checkout: Checkout, folder: Path) -> None:
    line = checkout.published("--dry-run", BUILDERS_DESTINATION=f"file://{folder}{slashes}")
    assert f"v1.0.0 of {(folder / SAMPLE).as_uri()}; nothing was sent" in line


def test_only_a_hub_can_be_opened(checkout: Checkout, folder: Path) -> None:
    assert "only a Hub has a gate" in checkout.refused("--open", BUILDERS_DESTINATION=folder.as_uri())


def test_rows_with_harmful_answers_go_to_a_folder_only_if_that_is_meant(checkout: Checkout, folder: Path) -> None:
    line = checkout.refused(family="emergent_misalignment", BUILDERS_DESTINATION=folder.as_uri())
    assert "its rows hold harmful answers, and a folder has no gate; add --accept-hazard" in line
    line = checkout.refused("--accept-hazard", family="emergent_misalignment", BUILDERS_DESTINATION=folder.as_uri())
    assert "there is no release to publish" in line


@pytest.mark.parametrize("where", ["card", "row", "key"])
def test_a_token_in_a_release_stops_it_and_is_not_shown(where: str, checkout: Checkout, folder: Path) -> None:
    token, key = "hf_" + drawn(34), "not-a-pattern-but-mine"
    if where == "card":
        card = checkout.root / f"cards/{FAMILY}.md"
        card.write_text(card.read_text() + f"\nUse {token}.\n")
        checkout.release()
    else:
        text = token if where == "row" else key
        checkout.change(lambda rows: [rows[0].having(response=f"So {text} it is."), *rows[1:]])
    line = checkout.refused(BUILDERS_DESTINATION=folder.as_uri(), BUILDERS_JUDGE_API_KEY=key)
    assert token not in line
    assert key not in line
    holds = "the value of BUILDERS_JUDGE_API_KEY" if where == "key" else "a Hugging Face token"
    assert f"holds {holds}" in line
    assert ("DETAILS.md" if where == "card" else "column response") in line
    assert not folder.exists()


def test_no_two_clones_differ(checkout: Checkout, folder: Path, tmp_path: Path) -> None:
    """The same commit, built at two places, is the same release; and so a version that the other finds there already."""
    twin = Checkout(Workspace.make(tmp_path / "another" / "place"), checkout.hub, checkout.commands)
    twin.workspace.quick("collect", "synthesize", "judge", "filter", "review", "validate", "release")
    sums = [(place.workspace.release / "SHA256SUMS").read_bytes() for place in (checkout, twin)]
    assert sums[0] == sums[1]
    checkout.published(BUILDERS_DESTINATION=folder.as_uri())
    published = json.loads((folder / SAMPLE / "v1.0.0" / "PUBLISHED.json").read_bytes())
    assert set(published["contents"]) == {"default", "hard"}

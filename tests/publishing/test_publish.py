"""publish: versions on a Hub, with the real clients over real HTTP."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from builders.publishing import notes
from builders.records import Record
from tests.doubles.hub import Received
from tests.harness import FAMILY, Workspace
from tests.publishing.conftest import NAME, NAMESPACE, WRITER, Checkout, git

TO = f"hf://datasets/{NAME}"
READ = """
import json, datasets
found = {
    "rows": {
        tag: {config: len(datasets.load_dataset(NAME, config, revision=tag, split="train")) for config in CONFIGS}
        for tag in TAGS
    },
    "configs": datasets.get_dataset_config_names(NAME),
    "first": next(iter(datasets.load_dataset(NAME, split="train", streaming=True)))["id"],
    "columns": {tag: datasets.load_dataset(NAME, "hard", revision=tag, split="train").column_names for tag in TAGS},
}
print(json.dumps(found))
"""


def read(checkout: Checkout, *tags: str, token: str = WRITER) -> dict[str, Any]:
    """Load every tag of the dataset as its users do, in a process that has not published it."""
    script = checkout.root.parent / "read.py"
    known = {"NAME": NAME, "TAGS": tags, "CONFIGS": ["default", "hard"]}
    script.write_text("".join(f"{name} = {value!r}\n" for name, value in known.items()) + READ)
    done = checkout.commands.run(checkout.root, "--script", str(script), HF_TOKEN=token)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def front_matter(checkout: Checkout) -> dict[str, Any]:
    card = checkout.repository.commits[checkout.repository.head]["README.md"].decode()
    found: dict[str, Any] = yaml.safe_load(card.split("---\n")[1])
    return found


def published(checkout: Checkout) -> dict[str, Any]:
    """Return what PUBLISHED.json at the head says."""
    found: dict[str, Any] = json.loads(checkout.repository.commits[checkout.repository.head]["PUBLISHED.json"])
    return found


def fewer(rows: list[Record]) -> list[Record]:
    return rows[2:]


def more(rows: list[Record]) -> list[Record]:
    first = rows[0]
    name = f"{first.id[:-4]}beef"
    return [*rows, Record(name, first.subset, first.parent, first.provenance, {**first.data, "id": name})]


def other(rows: list[Record]) -> list[Record]:
    return [rows[0].having(response="Another thought."), *rows[1:]]


def test_versions_follow_one_another_and_old_ones_stay(checkout: Checkout) -> None:
    first = checkout.published()
    assert first == f"publish {FAMILY}: v1.0.0 of {TO}, read back and compared"
    assert len(checkout.repository.commits) == 2
    assert checkout.repository.tags == {"v1.0.0": checkout.repository.head}
    before, asked = len(checkout.hub.uploads), len(checkout.hub.asked)

    assert checkout.published() == f"publish {FAMILY}: {TO} has this release already: nothing to do"
    assert {entry.method for entry in checkout.hub.asked[asked:]} <= {"GET", "HEAD"}
    assert len(checkout.hub.uploads) == before

    checkout.change(other)
    assert "v1.0.1" in checkout.published()
    checkout.change(more)
    assert "v1.1.0" in checkout.published()
    checkout.change(fewer)
    assert "v2.0.0" in checkout.published("--allow-removals")
    assert list(checkout.repository.tags) == ["v1.0.0", "v1.0.1", "v1.1.0", "v2.0.0"]
    assert len(checkout.repository.commits) == 1 + 4
    assert len(checkout.hub.uploads) == len(set(checkout.hub.uploads))

    found = read(checkout, "v1.0.0", "v1.1.0", "v2.0.0")
    assert found["rows"]["v1.0.0"]["default"] + 1 == found["rows"]["v1.1.0"]["default"]
    assert found["rows"]["v2.0.0"]["default"] == found["rows"]["v1.1.0"]["default"] - 2
    assert {tag: rows["hard"] for tag, rows in found["rows"].items()} == dict.fromkeys(
        found["rows"], found["rows"]["v1.0.0"]["hard"]
    )
    assert found["configs"] == ["default", "hard"]
    assert found["first"].startswith(f"{FAMILY}:")

    entries = published(checkout)["changelog"]
    assert [entry["version"] for entry in entries] == ["2.0.0", "1.1.0", "1.0.1", "1.0.0"]
    assert entries[0]["changes"][0].startswith("`default`: rows 2 removed, of ")
    assert entries[-1]["changes"] == [
        "first version",
        *(f"`{name}`: {count} rows" for name, count in found["rows"]["v1.0.0"].items()),
    ]
    card = checkout.repository.commits[checkout.repository.head]["README.md"].decode()
    assert card.count("\n## Versions\n") == 1
    assert f'rows = load_dataset("{NAME}", "default", split="train")' in card
    assert "NAMESPACE" not in card
    assert f'datasets.load_dataset("{NAME}", revision="v2.0.0"' in card


def test_what_lies_there_can_be_checked_without_us(checkout: Checkout) -> None:
    checkout.published()
    files = checkout.repository.commits[checkout.repository.head]
    sums = notes.sums(files["SHA256SUMS"].decode())
    assert {name: hashlib.sha256(files[name]).hexdigest() for name in sums} == sums
    assert set(files) - set(sums) == {"SHA256SUMS", ".gitattributes"}
    assert (
        published(checkout)["release"] == hashlib.sha256((checkout.workspace.release / "SHA256SUMS").read_bytes()).hexdigest()
    )
    assert published(checkout)["dvc_lock"] == hashlib.sha256((checkout.root / "dvc.lock").read_bytes()).hexdigest()


def test_dry_run_tells_all_and_sends_nothing(checkout: Checkout) -> None:
    assert checkout.published("--dry-run") == f"publish {FAMILY}: would become v1.0.0 of {TO}; nothing was sent"
    checkout.published()
    checkout.change(more)
    asked = len(checkout.hub.asked)
    output = checkout.publish("--dry-run").stdout.splitlines()
    assert output[0].startswith(f"publish {FAMILY}: `default`: rows 1 added, of ")
    assert output[-1] == f"publish {FAMILY}: would become v1.1.0 of {TO}; nothing was sent"
    assert {entry.method for entry in checkout.hub.asked[asked:]} <= {"GET", "HEAD"}


def test_removals_have_to_be_allowed(checkout: Checkout) -> None:
    checkout.published()
    checkout.change(fewer)
    assert "rows of default would disappear" in checkout.refused()
    assert list(checkout.repository.tags) == ["v1.0.0"]


def test_a_column_that_is_gone_is_a_major_step_and_a_new_one_a_minor(checkout: Checkout) -> None:
    checkout.published()
    schema = checkout.root / f"schemas/{FAMILY}.schema.json"
    text = schema.read_text()

    def having(change: Any) -> None:  # noqa: ANN401
        document = json.loads(text)
        for config in ("default", "hard"):
            change(document["$defs"][config])
        schema.write_text(json.dumps(document))

    def longer(config: dict[str, Any]) -> None:
        config["properties"]["note"] = {"type": ["string", "null"], "description": "A note."}

    having(longer)
    checkout.change(lambda rows: [row.having(note=None) for row in rows])
    assert "v1.1.0" in checkout.published()
    assert published(checkout)["changelog"][0]["changes"][0] == "columns new: `default.note`, `hard.note`"
    schema.write_text(text)
    checkout.change(lambda rows: [Record(*row_without(row, "note")) for row in rows])
    assert "v2.0.0" in checkout.published()
    assert published(checkout)["changelog"][0]["changes"][0] == "columns gone: `default.note`, `hard.note`"


def row_without(row: Record, column: str) -> tuple[Any, ...]:
    data = {name: value for name, value in row.data.items() if name != column}
    return (row.id, row.subset, row.parent, row.provenance, data)


# What a hazard family's repository is, before and after.


def gate(checkout: Checkout) -> tuple[bool, str | bool]:
    return checkout.repository.private, checkout.repository.gated


def order(asked: list[Received], *parts: str) -> list[str]:
    """Return which of these parts of paths were asked for, in order, repetitions left out."""
    seen = [part for entry in asked for part in parts if part in entry.path and entry.method in {"POST", "PUT"}]
    return [part for number, part in enumerate(seen) if number == 0 or seen[number - 1] != part]


def test_the_gate_is_closed_before_any_byte_is_sent(checkout: Checkout) -> None:
    checkout.published()
    parts = ("/create", "/settings", "/preupload/", "/info/lfs/", "/lfs/", "/commit/", "/tag/")
    assert order(checkout.hub.asked, *parts)[:3] == ["/create", "/settings", "/preupload/"]
    assert gate(checkout) == (True, "auto")
    assert front_matter(checkout)["extra_gated_prompt"]


def test_an_open_gate_is_closed_by_whatever_publish_finds_it(checkout: Checkout) -> None:
    """Also by one that has nothing to do, and by one that is refused; but by none that only says what it would do."""
    checkout.published()
    checkout.repository.gated, checkout.repository.private = False, False
    assert f"{TO} lay open; it would be closed" in checkout.publish("--dry-run").stdout
    assert gate(checkout) == (False, False)
    done = checkout.publish()
    assert done.stdout.splitlines()[0] == f"publish {FAMILY}: {TO} lay open; it is closed now"
    assert "nothing to do" in done.stdout
    assert (done.returncode, gate(checkout)) == (0, (True, "auto"))
    checkout.repository.gated = False
    (checkout.root / "stray").write_text("")
    assert "the working tree differs" in checkout.refused()
    assert gate(checkout) == (True, "auto")


def test_a_hub_that_does_not_close_the_gate_gets_nothing(checkout: Checkout) -> None:
    checkout.hub.stubborn = True
    assert "must be gated (auto)" in checkout.refused()
    assert checkout.hub.uploads == []
    assert [entry.path for entry in checkout.hub.asked if "/preupload/" in entry.path] == []


def test_opening_is_a_step_of_its_own_and_leaves_the_gate(checkout: Checkout) -> None:
    assert "no verified version is its head" in checkout.refused("--open")
    checkout.published()
    assert checkout.published("--open", "--dry-run").endswith("would be public, still gated; nothing was sent")
    assert gate(checkout) == (True, "auto")
    assert checkout.published("--open") == f"publish {FAMILY}: {TO} is public, still gated"
    assert gate(checkout) == (False, "auto")
    checkout.hub.accounts["hf_reader"] = {NAME}
    assert read(checkout, "v1.0.0", token="hf_reader")["configs"] == ["default", "hard"]  # noqa: S106
    checkout.repository.gated = False
    assert "it had no gate, and is closed now" in checkout.refused("--open")
    assert gate(checkout) == (True, "auto")


# What stops it.


def test_a_dirty_tree_is_refused_and_the_file_is_named(checkout: Checkout) -> None:
    (checkout.root / "cards/new.md").write_text("new")
    line = checkout.refused()
    assert "differs from the commit that the release would name: cards/new.md" in line
    assert checkout.hub.repositories == {}


def test_a_release_of_another_commit_is_refused(checkout: Checkout) -> None:
    card = checkout.root / f"cards/{FAMILY}.md"
    card.write_text(card.read_text() + "\n")
    git(checkout.root, "commit", "--quiet", "--all", "--message", "A line")
    assert "built with another card than this commit has" in checkout.refused()


def test_a_release_that_dvc_lock_does_not_name_is_refused(checkout: Checkout) -> None:
    lock = checkout.root / "dvc.lock"
    lock.write_text(lock.read_text().replace("md5: ", "md5: 0"))
    git(checkout.root, "commit", "--quiet", "--all", "--message", "A line")
    assert f"dvc.lock has another release of {FAMILY}" in checkout.refused()


def test_a_file_that_is_not_what_its_sum_says_is_refused(checkout: Checkout) -> None:
    path = checkout.workspace.release / "manifest.json"
    path.write_bytes(path.read_bytes() + b"\n")
    assert "manifest.json is not the file that SHA256SUMS names" in checkout.refused()


def test_a_sample_build_does_not_get_the_name_of_the_real_one(checkout: Checkout) -> None:
    done = checkout.commands.run(
        checkout.root, "publish", FAMILY, BUILDERS_DESTINATION=f"hf://datasets/{NAMESPACE}", HF_TOKEN=WRITER
    )
    assert done.returncode == 2
    assert "it is a sample build" in done.stderr


@pytest.mark.parametrize(
    "destination",
    [
        "",
        "hf://models/someone",
        "hf://datasets/a/b",
        "s3://bucket",
        "file://host/x",
        "file:",
        "file:///",
        "file:relative/x",
        "file://./x",
        "./x",
    ],
)
def test_a_destination_that_is_none_is_refused(destination: str, checkout: Checkout) -> None:
    assert "set BUILDERS_DESTINATION to" in checkout.refused(BUILDERS_DESTINATION=destination)


def test_a_card_that_the_hub_refuses_is_one_line(checkout: Checkout) -> None:
    checkout.hub.refusing = '"pretty_name" must be a string'
    line = checkout.refused()
    assert 'the Hub refuses the card\'s front matter: - "pretty_name" must be a string; fix' in line
    assert checkout.repository.tags == {}


@pytest.mark.parametrize(("licence", "word"), [("PDDL-1.0", "pddl"), ("ODbL-1.0", "odbl"), ("MIT-0", "other")])
def test_a_licence_has_the_hub_s_own_word(licence: str, word: str, checkout: Checkout) -> None:
    params = checkout.root / f"builders/families/{FAMILY}/params.yaml"
    params.write_text(params.read_text().replace("license: CC-BY-4.0", f"license: {licence}"))
    checkout.change(lambda rows: [replace(row, provenance=row.provenance._replace(license=licence)) for row in rows])
    checkout.published()
    assert front_matter(checkout)["license"] == word
    assert ("LICENSE.md" in checkout.repository.commits[checkout.repository.head]) == (word == "other")
    assert front_matter(checkout).get("license_name") == (licence.lower() if word == "other" else None)


@pytest.mark.parametrize("sign", "?#")
def test_a_sign_that_would_end_the_folder_s_name_is_refused(sign: str, checkout: Checkout) -> None:
    assert "write %3F and %23 in their place" in checkout.refused(BUILDERS_DESTINATION=f"file:///folder/a{sign}b")


def test_only_a_whole_family_is_published(checkout: Checkout) -> None:
    line = checkout.refused(family=f"{FAMILY}/hard")
    assert line == f"{FAMILY}/hard: a release is published as a whole; name the family, {FAMILY}"


def test_tags_of_others_are_no_versions_and_no_number_comes_twice(checkout: Checkout) -> None:
    checkout.published()
    first = checkout.repository.head
    checkout.repository.tags |= {"2.0.0": first, "v03.0.0": first, "paper": first}
    checkout.change(other)
    assert "v1.0.1" in checkout.published()
    checkout.repository.tags["v5.0.0"] = first  # somebody calls an earlier commit so
    checkout.change(more)
    assert "v5.1.0" in checkout.published()
    assert [entry["version"] for entry in published(checkout)["changelog"]] == ["5.1.0", "1.0.1", "1.0.0"]


@pytest.mark.parametrize("name", ["PUBLISHED.json", "SHA256SUMS", "README.md", "croissant.json"])
def test_a_file_of_ours_that_is_gone_is_named(name: str, checkout: Checkout) -> None:
    checkout.published()
    files = dict(checkout.repository.commits[checkout.repository.head])
    del files[name]
    checkout.repository.commit(files)
    assert f"{name} is gone from main; restore it there" in checkout.refused()


@pytest.mark.parametrize("version", ["1.0.0", "9.9.9"])
def test_a_published_json_that_somebody_has_edited_is_not_overwritten(version: str, checkout: Checkout) -> None:
    checkout.published()
    files = dict(checkout.repository.commits[checkout.repository.head])
    files["PUBLISHED.json"] = json.dumps({**published(checkout), "version": version, "dvc_lock": "another"}).encode()
    checkout.repository.commit(files)
    checkout.change(other)
    line = checkout.refused()
    assert f"somebody has changed main since v{version} (PUBLISHED.json); " in line
    assert line.endswith("take that over into the release, and undo it there")
    assert list(checkout.repository.tags) == ["v1.0.0"]


def test_a_published_json_of_another_tool_is_said_to_be_that(checkout: Checkout) -> None:
    checkout.hub.add(
        NAME, dict.fromkeys(("PUBLISHED.json", "SHA256SUMS", "README.md", "croissant.json"), b'{"version": "1.0.0"}')
    )
    assert "PUBLISHED.json there is not ours" in checkout.refused()


def test_a_stranger_s_repository_is_left_alone(checkout: Checkout) -> None:
    checkout.hub.add(NAME, {"README.md": b"Mine.", "data.csv": b"1"})
    reason = "it holds files that no publish has put there; choose another namespace, or remove that repository"
    assert reason in checkout.refused()
    assert len(checkout.repository.commits) == 1


def test_a_change_by_somebody_else_is_not_overwritten(checkout: Checkout) -> None:
    checkout.published()
    files = checkout.repository.commits[checkout.repository.head]
    checkout.repository.commit({**files, "README.md": b"Better."})
    checkout.change(other)
    assert "somebody has changed main since v1.0.0 (README.md)" in checkout.refused()
    checkout.repository.commit(files)
    assert "v1.0.1" in checkout.published()


def test_a_token_that_may_not_write_and_none_at_all_are_one_line(checkout: Checkout) -> None:
    checkout.hub.accounts["hf_reader"] = set()
    assert "the token may not write there" in checkout.refused(HF_TOKEN="hf_reader")  # noqa: S106
    assert "the Hub wants a token" in checkout.refused(HF_TOKEN="")


def test_a_repository_without_hazard_starts_private_and_is_opened_without_a_gate(checkout: Checkout) -> None:
    script = checkout.root.parent / "bare.py"
    script.write_text(
        "from pathlib import Path\n"
        "from builders.publishing.repository import Repository\n"
        f"place = Repository('{NAME}', 'none', Path('cache'))\n"
        "assert place.prepare(place.look()).head\n"
        "print(place.gate._info().private, place.gate._info().gated)\n"
        "place.gate.open()\n"
    )
    done = checkout.commands.run(checkout.root, "--script", str(script), HF_TOKEN=WRITER)
    assert done.stdout == "True False\n", done.stderr
    assert gate(checkout) == (False, False)


@pytest.mark.parametrize("variable", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"])
def test_git_is_asked_about_this_checkout_whatever_the_environment_names(
    variable: str, checkout: Checkout, tracked: Workspace, tmp_path: Path
) -> None:
    """Another checkout is clean; this one is not."""
    other_one = tracked.copied(tmp_path / "clean").root
    places = {"GIT_DIR": ".git", "GIT_WORK_TREE": ".", "GIT_INDEX_FILE": ".git/index"}
    (checkout.root / "stray").write_text("")
    line = checkout.refused("--dry-run", **{variable: str(other_one / places[variable])})
    assert "the working tree differs from the commit that the release would name: stray" in line


def test_the_user_s_settings_of_git_hide_nothing(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "ignored").write_text("stray\n")
    (tmp_path / "settings").write_text(
        f"[core]\n\texcludesFile = {tmp_path / 'ignored'}\n[status]\n\tshowUntrackedFiles = no\n"
    )
    (checkout.root / "stray").write_text("")
    line = checkout.refused("--dry-run", GIT_CONFIG_GLOBAL=str(tmp_path / "settings"))
    assert "the working tree differs from the commit that the release would name: stray" in line


@pytest.mark.parametrize("of", ["the family", "the folder"])
def test_a_folder_that_is_a_link_into_the_checkout_is_refused(of: str, checkout: Checkout, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    if of == "the family":
        shelf.mkdir()
        (shelf / f"{FAMILY}-sample").symlink_to(checkout.root / "raw")
    else:
        shelf.symlink_to(checkout.root / "raw")
    assert "it is in the checkout" in checkout.refused(BUILDERS_DESTINATION=shelf.as_uri())
    assert sorted(path.name for path in (checkout.root / "raw").iterdir() if path.name.startswith(("v", "partial"))) == []

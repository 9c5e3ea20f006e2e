"""code: the modules that a stage imports, and those that change its bytes."""

import ast
import json
from functools import cache
from pathlib import Path

import pytest

from builders import family as families
from builders import paths
from builders.releases import code
from tests.harness import FAMILY, PROJECT, Workspace

STAGES = paths.STAGES


def only_a_docstring(path: Path) -> bool:
    return path.suffix == ".py" and len(ast.parse(path.read_bytes()).body) == 1


@pytest.mark.parametrize("family", families.names())
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_made_of_its_module_and_the_familys(stage: str, family: str) -> None:
    found = code.hashes(family, stage)
    assert f"builders/stages/{stage}.py" in found
    assert f"builders/families/{family}/__init__.py" in found
    if (PROJECT / "builders" / "families" / family / f"{stage}.py").is_file():
        assert f"builders/families/{family}/{stage}.py" in found
    assert not [
        name for name in found if any(f"builders/families/{other}/" in name for other in families.names() if other != family)
    ]


IMPORTING = """
import importlib.util, json, os, sys

stages, families = (names.split() for names in sys.argv[1:])
for stage in stages:
    reading, writing = os.pipe()
    if not os.fork():
        importlib.import_module(f"builders.stages.{stage}")
        for family in families:
            if not os.fork():
                importlib.import_module(f"builders.families.{family}")
                if importlib.util.find_spec(f"builders.families.{family}.{stage}"):
                    importlib.import_module(f"builders.families.{family}.{stage}")
                found = [module.__file__ for name, module in sys.modules.items() if name.startswith("builders")]
                with os.fdopen(writing, "w") as told:
                    print(json.dumps([stage, family, found]), file=told)
                os._exit(0)
            os.wait()
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as found:
        print(found.read(), end="")
    os.wait()
"""


def test_whatever_python_imports_for_a_stage_is_found(workspace: Workspace) -> None:
    """Python itself is asked: it imports at the top, reading finds what is imported inside functions too.

    A fork imports each stage; for each family a fork of that process goes on.
    """
    done = workspace.python("-c", IMPORTING, " ".join(STAGES[:-1]), " ".join(families.names()))
    assert done.returncode == 0, done.stderr
    found = {(stage, family): files for stage, family, files in map(json.loads, done.stdout.splitlines())}
    assert list(found) == [(stage, family) for stage in STAGES[:-1] for family in families.names()]
    for (stage, family), files in found.items():
        imported = {Path(file).relative_to(workspace.root).as_posix() for file in files}
        assert f"builders/families/{family}/__init__.py" in imported
        read = {path.relative_to(PROJECT).as_posix() for path in code.modules(family, stage)}
        unread = {name for name in imported - read if not only_a_docstring(PROJECT / name)}
        assert unread <= {"builders/__init__.py"}, (stage, family)


def test_the_release_depends_on_what_every_stage_does() -> None:
    for family in families.names():
        everything = code.hashes(family, "release")
        for stage in STAGES:
            assert code.hashes(family, stage).items() <= everything.items()


@cache
def denied() -> frozenset[str]:
    """Return the modules that say of themselves that they change no byte."""
    files = {path: ast.get_docstring(ast.parse(path.read_bytes())) or "" for path in (PROJECT / "builders").rglob("*.py")}
    return frozenset(
        path.relative_to(PROJECT).as_posix() for path, text in files.items() if "\nChanges no byte of a row." in text
    )


def test_a_module_that_says_it_changes_no_byte_is_no_dep_and_one_that_says_nothing_is() -> None:
    everything = set().union(*(code.hashes(family, "release") for family in families.names()))
    read = set().union(*(code.modules(family, stage) for family in families.names() for stage in STAGES))
    imported = {path.relative_to(PROJECT).as_posix() for path in read}
    assert denied() & imported
    assert not denied() & everything
    said_nothing = {name for name in imported - denied() if not only_a_docstring(PROJECT / name)}
    assert said_nothing == everything
    assert "builders/refusals/weights.json" in everything


def test_what_words_errors_finds_files_and_keeps_replies_says_that_it_changes_no_byte() -> None:
    ground = {f"builders/{name}.py" for name in ("errors", "locks", "paths", "progress")}
    rooms = [path for room in ("ledger", "sealed", "params") for path in (PROJECT / "builders" / room).glob("*.py")]
    of_rooms = {path.relative_to(PROJECT).as_posix() for path in rooms if not only_a_docstring(path)}
    assert ground | of_rooms <= denied()


def _sources(names: str) -> set[str]:
    return {f"sources/{name}.py" for name in names.split()}


READERS = _sources("columns delimited elements formats layouts parquets settling sheets streaming streams")
READING = READERS | _sources("hints hub members pictures reading released sampling templates")
CHOICES = _sources("choices labels literals")
IMAGES = _sources("naming pictures")
ASKING = {"asking/asker.py", "asking/structured.py"}
WORKS = {"asking/works.py", "asking/drawing.py", "asking/likeness.py"}  # kinds of work, earlier a part of the stage itself
LISTED = {"sources/benchmarks/listing.py", "sources/benchmarks/benchmarks.json"}
SCREENING = READING | LISTED
EVERYTHING = SCREENING | ASKING | WORKS
OF_FAMILIES = {
    **{(family, stage): CHOICES for family in ("dualmath", "emergent_misalignment", "mmathcot") for stage in STAGES},
    **{(family, stage): READERS for family in ("cogtest", "deceptionbench") for stage in ("judge", "filter", "review")},
    **{("dualmath", stage): CHOICES | IMAGES for stage in STAGES},
    **{("mmathcot", stage): CHOICES | _sources("naming") for stage in STAGES},
    ("dualmath", "filter"): WORKS | CHOICES | IMAGES,
    ("mmathcot", "review"): READING | CHOICES | _sources("naming"),
}
"""What a family's own modules read beside that: choices, files as they were published, images of sources, what was counted."""
OF_ROOMS = {"collect": SCREENING, "synthesize": EVERYTHING, "judge": ASKING, "release": EVERYTHING}


@pytest.mark.parametrize("family", families.names())
@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_depends_on_more_of_what_reads_asks_and_keeps(stage: str, family: str) -> None:
    """An edit there would run stages again that have nothing to do with it."""
    rooms = ("sources/", "asking/", "params/", "ledger/")
    found = {name.removeprefix("builders/") for name in code.hashes(family, stage)}
    assert {name for name in found if name.startswith(rooms)} <= OF_ROOMS.get(stage, set()) | OF_FAMILIES.get(
        (family, stage), set()
    )


def test_templates_are_deps_of_the_stages_that_fill_them_in() -> None:
    for family in families.names():
        folder = PROJECT / "builders/families" / family / "prompts"
        own = {stage: {path.relative_to(PROJECT).as_posix() for path in (folder / stage).rglob("*.jinja")} for stage in STAGES}
        for stage in STAGES:
            assert own[stage] <= set(code.templates(family, stage))
        assert set(code.templates(family, "release")) == set().union(*own.values())
        assert not any(code.templates(family, stage) for stage in ("collect", "filter", "review", "validate"))


def test_an_edit_changes_the_file_of_the_stages_that_import_what_was_edited(workspace: Workspace) -> None:
    def written() -> dict[str, dict[str, str]]:
        done = workspace.run("code")
        assert done.returncode == 0, done.stderr
        folder = workspace.root / f"processed/code/{FAMILY}"
        return {stage: json.loads((folder / f"{stage}.json").read_text()) for stage in STAGES}

    workspace.keep(FAMILY)
    asking = workspace.root / f"builders/families/{FAMILY}/synthesize.py"
    asking.write_text(f"{asking.read_text()}\nfrom builders.families.{FAMILY} import judge\n")  # and so what it fills in
    before = written()
    edited = workspace.root / f"builders/families/{FAMILY}/filter.py"
    edited.write_text(edited.read_text() + "\n")
    template = workspace.root / f"builders/families/{FAMILY}/prompts/judge/judge.jinja"
    template.write_text(template.read_text() + "\n")
    after = written()
    rule, fill = (file.relative_to(workspace.root).as_posix() for file in (edited, template))
    differing = {
        stage: [name for name, digest in after[stage].items() if before[stage].get(name) != digest] for stage in STAGES
    }
    assert {stage: names for stage, names in differing.items() if names} == {
        "synthesize": [fill],
        "judge": [fill],
        "filter": [rule],
        "release": [rule, fill],
    }
    assert {stage: before[stage].keys() for stage in STAGES} == {stage: after[stage].keys() for stage in STAGES}


def test_a_family_without_templates_fills_in_none(here: Workspace) -> None:
    del here
    assert [code.templates("toy", stage) for stage in STAGES] == [{}] * len(STAGES)

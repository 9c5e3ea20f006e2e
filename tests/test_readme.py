"""README and docs show only what is there and what works."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from builders import family as families
from builders import paths, verbs
from builders.sources.entries import Released
from builders.sources.tables import Source
from tests.harness import PROJECT, Workspace

README = (PROJECT / "README.md").read_text()
CODE = (PROJECT / "docs" / "code.md").read_text()
STAGES = (PROJECT / "docs" / "stages.md").read_text()
PAGES = sorted(
    [
        *PROJECT.glob("*.md"),
        *(PROJECT / "docs").glob("*.md"),
        *(PROJECT / "builders" / "families").glob("*/README.md"),
        PROJECT / "benchmarks" / "README.md",
    ]
)
LIMIT = 7_000
"""Bytes of README: what a stranger reads in ten minutes."""


def tracked() -> list[str]:
    """Return the paths of the files that git knows."""
    git = shutil.which("git") or "git"
    return subprocess.run([git, "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split()


def block(page: str, heading: str) -> list[str]:
    """Return the lines of the first block of code after a heading."""
    return page.split(heading)[1].split("```")[1].strip().splitlines()


def own(family: str) -> str:
    """Return a family's own README."""
    return (PROJECT / "builders" / "families" / family / "README.md").read_text()


def test_readme_can_be_read_in_ten_minutes() -> None:
    assert len(README.encode()) <= LIMIT


def test_readme_names_every_top_folder_and_nothing_that_is_not_there() -> None:
    named = {name.strip(",;:").rstrip("/") for line in block(README, "## The tree") for name in line.split()}
    tops = {name.partition("/")[0] for name in tracked()} - {".gitignore", ".dvcignore"}
    assert sorted(tops - named) == []
    first = [line.split()[0].rstrip("/:") for line in block(README, "## The tree")]
    assert [name for name in first if name != "processed" and not (PROJECT / name).exists()] == []


def test_the_tree_of_the_code_names_every_module_and_room_and_no_other() -> None:
    named = {line.split()[0].rstrip("/") for line in block(CODE, "# The code")[1:]}
    modules = {path.name for path in (PROJECT / "builders").glob("*.py")} - {"__init__.py"}
    rooms = {path.parent.name for path in (PROJECT / "builders").glob("*/__init__.py")}
    assert named == modules | rooms


def test_the_tables_name_every_family_and_stage() -> None:
    assert [name for name in families.names() if f"| [`{name}`](builders/families/{name}/README.md) |" not in README] == []
    assert [stage for stage in paths.STAGES if f"\n| {stage} |" not in STAGES] == []


@pytest.mark.parametrize("family", families.names())
def test_every_reason_of_a_sample_build_is_explained(family: str, samples: Callable[[str], Workspace]) -> None:
    built = samples(family)
    reasons = {
        reason
        for stage in paths.STAGES[:-1]
        for pool in families.pools(family)
        for reason in built.reasons(stage, pool, family)
    }
    assert [reason for reason in sorted(reasons) if f"`{reason}`" not in STAGES + own(family)] == []


@pytest.mark.parametrize("family", families.names())
def test_a_familys_readme_says_how_many_rows_its_sample_keeps(family: str, samples: Callable[[str], Workspace]) -> None:
    release = samples(family).root / "processed" / family / "release"
    kept: dict[str, int] = {}
    for file in release.rglob("*.parquet"):
        config = file.relative_to(release).parts[0]
        kept[config] = kept.get(config, 0) + pq.read_metadata(file).num_rows
    assert {name: int(rows) for name, rows in re.findall(r"^\| `(\w+)` \| (\d+) \|", own(family), re.MULTILINE)} == kept


@pytest.mark.family("safechain")
def test_the_source_entry_of_the_docs_works_as_it_stands(workspace: Workspace) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (PROJECT / "docs" / "sources.md").read_text(), re.DOTALL)
    [entry], [of_a_release] = map(yaml.safe_load, blocks)
    assert isinstance(Source.model_validate(of_a_release).file, Released)
    assert set(entry) < set(Source.model_fields)
    rows = ["id,question", *(f'{n},"What is a good way to remember the number {n} of {n * 7}?"' for n in range(5))]
    workspace.source(entry["file"], "\n".join(rows) + "\n", **{key: value for key, value in entry.items() if key != "file"})
    [line] = workspace.build("collect")
    assert line == "collect safechain/default: in 5, out 5, rejected 0"


def links(page: Path) -> Iterator[str]:
    """Return where the links and pictures of a page lead, apart from addresses of the web."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^()\s]+)\)", text):
        if not target.startswith(("http://", "https://", "mailto:")):
            yield target


def headings(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        path, _, anchor = target.partition("#")
        goal = (page.parent / path).resolve() if path else page
        assert goal.exists(), target
        assert not anchor or anchor in headings(goal), target


def commands(page: Path) -> Iterator[list[str]]:
    """Return the arguments of each `python -m builders` in a page's blocks of code, as a shell would give them."""
    for shown in re.findall(r"```(?:console|bash)\n(.*?)```", page.read_text(), re.DOTALL):
        for line in shown.splitlines():
            for part in re.split(r" && ", line.removeprefix("$ ")):
                if part.startswith("python -m builders "):
                    yield shlex.split(part, comments=True)[3:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_commands_are_ones_that_the_program_takes(page: Path) -> None:
    for arguments in commands(page):
        verbs.parser().parse_args(arguments)


NEEDS_NOBODY = ("explain", "funnel", "filter", "plan", "params", "ledger stats", "ledger verify")
"""Verbs that need neither server, account nor terminal: these run as they are shown, on a sample build."""


@pytest.mark.parametrize("family", ["safechain", "mmathcot"])
def test_commands_that_need_nobody_run_on_the_sample_build(
    family: str, samples: Callable[[str], Workspace], tmp_path: Path
) -> None:
    built = samples(family).copied(tmp_path / "project")
    pages = [page for page in PAGES if page.parent.name != "families"]
    shown = {tuple(each) for page in pages for each in commands(page) if " ".join(each).startswith(NEEDS_NOBODY)}
    about = [each for each in sorted(shown) if any(word.partition(":")[0] == family for word in each)]
    assert about
    for arguments in about:
        found = built.run(*arguments)
        assert found.returncode == 0, (arguments, found.stderr)

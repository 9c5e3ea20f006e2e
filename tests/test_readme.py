"""README shows only what is there and what works."""

import re
import shutil
import subprocess

import pytest
import yaml

from builders import family as families
from builders import paths
from builders.sources.tables import Source
from tests.harness import PROJECT, Workspace

pytestmark = pytest.mark.family("safechain")

ADVICE = "emergent_misalignment"
README = (PROJECT / "README.md").read_text()


def tree() -> set[str]:
    """Return the paths that README's tree names."""
    block = README.split("## The tree")[1].split("```")[1]
    named, folder = set(), ""
    for line in block.strip().splitlines():
        if line.startswith("README.md"):
            named |= set(line.split())
            continue
        name = line.split()[0]
        folder = "" if not line.startswith(" ") else folder
        named.add(folder + name.rstrip("/"))
        if not line.startswith(" "):
            folder = name
    return named


def test_the_tree_names_only_what_is_there() -> None:
    assert [name for name in sorted(tree() - {"processed"}) if not (PROJECT / name).exists()] == []


def test_the_tree_names_every_module_and_every_top_folder() -> None:
    modules = {path.relative_to(PROJECT).as_posix() for path in (PROJECT / "builders").glob("*.py")} - {"builders/__init__.py"}
    folders = {f"builders/{path.parent.name}" for path in (PROJECT / "builders").glob("*/__init__.py")}
    tracked = subprocess.run(
        [shutil.which("git") or "git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.split()
    tops = {name.partition("/")[0] for name in tracked} - {".gitignore", ".dvcignore"}
    assert sorted((modules | folders | tops) - tree()) == []


def test_the_tables_name_every_family_and_stage() -> None:
    assert [name for name in families.names() if f"| `{name}` |" not in README] == []
    assert [stage for stage in paths.STAGES if f"\n| {stage} |" not in README] == []


def test_every_reason_of_the_sample_builds_stands_in_the_stages_table(built: Workspace, advised: Workspace) -> None:
    for stage in paths.STAGES[:-1]:
        [row] = [line for line in README.splitlines() if line.startswith(f"| {stage} |")]
        pools = [(built, "safechain", "default"), *((advised, ADVICE, pool) for pool in families.pools(ADVICE))]
        reasons = {reason for made, family, pool in pools for reason in made.reasons(stage, pool, family)}
        own = reasons - (collected(built) | collected(advised)) if stage == "synthesize" else reasons
        assert [reason for reason in own if f"`{reason}`" not in row] == []


def collected(workspace: Workspace) -> set[str]:
    """Return the reasons of collect, which synthesize has for prompts that were spawned."""
    family = ADVICE if (workspace.root / "processed" / ADVICE).is_dir() else "safechain"
    return {reason for pool in families.pools(family) for reason in workspace.reasons("collect", pool, family)}


@pytest.fixture(scope="module")
def advised(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy in which the sample of the misalignment family is built up to review."""
    made = Workspace.make(tmp_path_factory.mktemp("advised") / "project")
    made.quick("collect", "synthesize", "judge", "filter", "review", "validate", family=ADVICE)
    return made


def test_the_source_entry_of_the_readme_works_as_it_stands(workspace: Workspace) -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    [entry] = yaml.safe_load(block)
    assert set(entry) == set(Source.model_fields)
    rows = ["id,question", *(f'{n},"What is a good way to remember the number {n} of {n * 7}?"' for n in range(5))]
    workspace.source(entry["file"], "\n".join(rows) + "\n", **{key: value for key, value in entry.items() if key != "file"})
    [said] = workspace.build("collect")
    assert said == "collect safechain/default: in 5, out 5, rejected 0"
    assert {row["data"]["label"] for row in workspace.rows("collect")} == {"vanilla_benign"}

"""Where things lie, relative to the repository root that a command is run in.

Changes no byte of a row.
"""

from pathlib import Path

from builders.errors import BuildError

STAGES = ("collect", "synthesize", "judge", "filter", "review", "validate", "release")


def root() -> Path:
    """Return the working directory, which must be the root of a checkout.

    Raises:
        BuildError: the working directory holds no `params.yaml`.
    """
    if not Path("params.yaml").is_file():
        raise BuildError("no params.yaml here", where=Path.cwd(), fix="run from the root of the repository")
    return Path()


def params(family: str) -> Path:
    """Return the family's parameter file."""
    return root() / "builders" / "families" / family / "params.yaml"


def prompts(family: str, stage: str) -> Path:
    """Return the folder of the family's prompt templates for one stage."""
    return root() / "builders" / "families" / family / "prompts" / stage


def schema(family: str) -> Path:
    """Return the family's JSON Schema."""
    return root() / "schemas" / f"{family}.schema.json"


def card(family: str) -> Path:
    """Return the hand-written dataset card of the family, a Jinja template."""
    return root() / "cards" / f"{family}.md"


def raw(family: str, kind: str) -> Path:
    """Return the folder of what came from outside; `kind` is sources, replies or reviews."""
    return root() / "raw" / family / kind


def code() -> Path:
    """Return the folder of the hashes of the modules that each stage of each family imports."""
    return root() / "processed" / "code"


def processed(family: str) -> Path:
    """Return the folder of everything the family's stages write."""
    return root() / "processed" / family


def rows(family: str, stage: str, pool: str, part: str = "") -> Path:
    """Return the folder of the rows a stage, or a part of it, kept of one pool (`builders.shards`), one JSON object a line."""
    return processed(family) / stage / part / "rows" / pool


def rejected(family: str, stage: str, pool: str, part: str = "") -> Path:
    """Return the folder of the rows a stage, or a part of it, rejected of one pool, with reason and evidence."""
    return processed(family) / stage / part / "rejected" / pool


def drawn(family: str, pool: str) -> Path:
    """Return the counts of the rows of one pool that were drawn until enough were good, by group."""
    return processed(family) / "synthesize" / "drawn" / f"{pool}.json"


def work(family: str, stage: str, pool: str) -> Path:
    """Return the folder of what a stage has computed of one pool, shard by shard, until all of it is there."""
    return processed(family) / ".work" / f"{stage}-{pool}"


def stats(family: str, stage: str) -> Path:
    """Return the counts of one stage."""
    return processed(family) / stage / "stats.json"


def lock(family: str, stage: str) -> Path:
    """Return the file that one process of a stage holds locked."""
    return processed(family) / f".{stage}.lock"


def summary(family: str) -> Path:
    """Return the folder of what a release comes to in numbers, for `dvc metrics`."""
    return processed(family) / "summary"


def figures(family: str) -> Path:
    """Return the folder of a release's figures once more, for `dvc plots`."""
    return processed(family) / "figures"


def metrics(family: str, stage: str, pool: str, part: str = "") -> Path:
    """Return what an asking stage, or a part of it, measured of itself about one pool; no two runs write the same."""
    return processed(family) / "metrics" / stage / part / f"{pool}.json"


def log(family: str, role: str) -> Path:
    """Return the log of the engine that answers for a role."""
    return processed(family) / f".{role}.log"


def release(family: str) -> Path:
    """Return the folder that `datasets.load_dataset` reads and the Hub will show."""
    return processed(family) / "release"


def previous(stage: str) -> str:
    """Return the stage whose rows `stage` reads."""
    return STAGES[STAGES.index(stage) - 1]

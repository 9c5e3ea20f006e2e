"""A checkout with a built release, a Hub, and commands that start at once."""

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest
import yaml

from builders import family as families
from builders import paths, records, schema
from builders.publishing import checks, notes
from builders.records import Record
from builders.stages.running import run
from tests.doubles.forks import Command, Commands, Done, forking
from tests.doubles.hub import Hub, Repository, serving
from tests.harness import FAMILY, Workspace, laid

NAMESPACE = "someone"
WRITER = "hf_" + "writer" * 5
SAMPLE = f"{FAMILY}-sample"
MISALIGNMENT = "emergent_misalignment"
NAME = f"{NAMESPACE}/{SAMPLE}"


@dataclass(frozen=True)
class Checkout:
    """A clone with a commit, a build, and a Hub to publish to."""

    workspace: Workspace
    hub: Hub
    commands: Commands
    family: str = FAMILY
    environment: Mapping[str, str] = field(default_factory=dict)
    """Of its commands, besides what they are given."""

    @property
    def name(self) -> str:
        return f"{NAMESPACE}/{self.family}-sample"

    @property
    def root(self) -> Path:
        return self.workspace.root

    @property
    def repository(self) -> Repository:
        return self.hub.repositories[self.name]

    @property
    def head(self) -> dict[str, bytes]:
        """The files that readers get who name no version."""
        return self.repository.commits[self.repository.head]

    def publish(self, *arguments: str, family: str | None = None, **environment: str) -> Done:
        """Publish the sample build to the Hub, or where the environment says."""
        return self.start(*arguments, family=family, **environment).wait()

    def start(self, *arguments: str, family: str | None = None, **environment: str) -> Command:
        """Start publishing."""
        own = {"BUILDERS_DESTINATION": f"hf://datasets/{NAMESPACE}", "HF_TOKEN": WRITER}
        return self.commands.started(
            self.root, ["publish", family or self.family, "--sample", *arguments], {**own, **self.environment, **environment}
        )

    def published(self, *arguments: str, **environment: str) -> str:
        """Publish, which must go well, and return the last line said."""
        done = self.publish(*arguments, **environment)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout.splitlines()[-1]

    def refused(self, *arguments: str, family: str | None = None, **environment: str) -> str:
        """Publish, which must be refused, and return the one line said."""
        done = self.publish(*arguments, family=family, **environment)
        assert done.returncode == 2, (done.stdout, done.stderr)
        [line] = done.stderr.splitlines()
        return line.removeprefix("error: ")

    def change(self, rows: Callable[[list[Record]], list[Record]]) -> None:
        """Change the rows of the first pool that validate kept, release them, and commit."""
        pool, *_ = families.pools(self.family)
        path = self.root / paths.rows(self.family, "validate", pool)
        kept = rows([record for record, _ in records.read(path)])
        laid(path, kept)
        out = Counter(record.subset for record in kept)
        counts = {"read": len(kept), "spawned": 0, "out": out, "rejected": {}, "read_sha256": "0" * 64, "out_sha256": "0" * 64}
        for stage in paths.STAGES[:-1]:
            stats = self.root / paths.stats(self.family, stage)
            stats.write_bytes(orjson.dumps({**orjson.loads(stats.read_bytes()), pool: counts}))
        self.release()

    def release(self) -> None:
        """Release again, and commit, with `dvc.lock` as dvc would have it."""
        schema.load.cache_clear()
        with self.workspace.inside():
            run("release", self.family)
        schema.load.cache_clear()
        lock(self.workspace, self.family)
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "--allow-empty", "--message", "Build")


def committed(workspace: Workspace, family: str) -> Workspace:
    """Make a clone with a commit of a workspace in which a family is built."""
    lock(workspace, family)
    git(workspace.root, "init", "--quiet")
    git(workspace.root, "add", "--all")
    git(workspace.root, "commit", "--quiet", "--message", "Build")
    return workspace


def lock(workspace: Workspace, family: str) -> None:
    """Write the release into `dvc.lock` as dvc does."""
    with workspace.inside():
        folder = paths.release(family)
        digest = checks.dvc_digest(folder, [*notes.sums((folder / notes.SUMS).read_text()), notes.SUMS])
        outs = [{"path": folder.as_posix(), "hash": "md5", "md5": digest}]
        Path("dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": {f"release@{family}": {"outs": outs}}}))


IDENTITY = ("--config", "user.name=n", "--config", "user.email=n@example.org")
"""Of a clone: dvc takes part of an experiment for a commit, and a new machine has nobody's name."""


def git(root: Path, *arguments: str) -> None:
    """Run git with an identity and a configuration of its own."""
    who = {f"GIT_{role}_{what}": "someone@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = [shutil.which("git") or "git", *arguments]
    subprocess.run(command, cwd=root, env={**os.environ, **who, **quiet}, check=True, capture_output=True)


@pytest.fixture(scope="session")
def tracked(samples: Callable[[str], Workspace], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A clone in which the sample profile is built; only to be copied."""
    return committed(samples(FAMILY).copied(tmp_path_factory.mktemp("tracked") / "project"), FAMILY)


@pytest.fixture(scope="session")
def misaligned(samples: Callable[[str], Workspace], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A clone in which the misalignment family's sample is built; only to be read, or copied."""
    return committed(samples(MISALIGNMENT).copied(tmp_path_factory.mktemp("misaligned") / "project"), MISALIGNMENT)


@pytest.fixture(scope="session")
def served() -> Iterator[Hub]:
    """A Hub for all tests: huggingface_hub reads its address but once."""
    with serving() as hub:
        yield hub


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which huggingface_hub and datasets keep what they download."""
    return tmp_path_factory.mktemp("hf")


@pytest.fixture(scope="session")
def commands(served: Hub, cache: Path) -> Iterator[Commands]:
    """Commands that start at once."""
    with forking(environment(served, cache)) as started:
        yield started


def environment(hub: Hub, cache: Path, **changes: str) -> dict[str, str]:
    """Return the environment of commands that ask a Hub."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BUILDERS_", "HF_"))}
    own = {"HF_HOME": str(cache), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return {**kept, **hub.environment(), **own, **changes}


@pytest.fixture
def hub(served: Hub) -> Iterator[Hub]:
    """The Hub, with nothing in it."""
    served.repositories.clear()
    served.blobs.clear()
    served.xet.clear()
    served.accounts, served.stubborn, served.forging, served.refusing = {}, False, b"", ""
    served.writers = {WRITER: NAMESPACE}
    for noted in (served.uploads, served.troubles, served.asked):
        noted.clear()
    yield served
    served.release()


@pytest.fixture
def checkout(tracked: Workspace, hub: Hub, commands: Commands, tmp_path: Path, toys: None) -> Checkout:
    """A clone to change, and a Hub to publish to."""
    del toys
    return Checkout(tracked.copied(tmp_path / "project"), hub, commands)

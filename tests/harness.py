"""What tests share: a copy of the project to work in, its command line, its params, its rows."""

import asyncio
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml

from builders import contracts, paths, records, shards
from builders import families as packages
from builders import family as families
from builders.commands import explain
from builders.jobs import Counts
from builders.provenance import Provenance
from builders.records import Record
from builders.releases import code, figures
from builders.releases.summary import Summary
from builders.stages.running import run
from tests import cpu
from tests.doubles import forks

PROJECT = Path(__file__).parent.parent
FAMILY = "quiz"
"""The family of tests to which it does not matter which: it is asked about, judged, and guarded, and every workspace has it."""
OWN = Provenance("own", "MIT", None)
"""Where rows come from about which that does not matter."""
TOYS = PROJECT / "tests" / "doubles" / "families"
Value = TypeVar("Value")
GUARD = 600
"""Seconds, against commands that hang; what they may use is CPU, and pytest measures that."""
_PARTS = ("builders", "cards", "raw", "schemas", "params.yaml", "dvc.yaml", ".dvc", ".dvcignore", ".gitignore")
_CP = shutil.which("cp") or "cp"
_NO_CODE = shutil.ignore_patterns("__pycache__", "*.jsonl", "*.md", "*.json")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "tmp", "cache", "config.local", "restricted")

WHOLE = "import sys; from builders.__main__ import main; sys.exit(max(main([stage, sys.argv[1]]) for stage in sys.argv[2:]))"
LIMITED = """
import resource, sys
from builders.__main__ import main
limit, soft, hard = map(int, sys.argv[1:4])
resource.setrlimit(limit, (soft, hard))
sys.exit(main(sys.argv[4:]))
"""


@dataclass(frozen=True)
class Workspace:
    """A copy of the project in a folder of its own, and the family meant where none is named."""

    root: Path
    family: str = FAMILY

    @classmethod
    def make(cls, root: Path, family: str = FAMILY) -> "Workspace":
        root.parent.mkdir(parents=True, exist_ok=True)
        if root.exists():
            root.rmdir()
        own, shared = _parted(family)
        beside = shared.stat().st_dev == root.parent.stat().st_dev
        _cp(shared, root, *["--link"] * beside)
        _cp(f"{own}/.", root)
        return cls(root, family)

    @classmethod
    def _assembled(cls, root: Path) -> None:
        """Make the one that others are copies of."""
        root.mkdir()
        for part in _PARTS:
            source = PROJECT / part
            if source.is_dir():
                shutil.copytree(source, root / part, ignore=_LEFT_OUT)
            else:
                shutil.copyfile(source, root / part)
        cls(root).adopt(FAMILY)

    def adopt(self, *names: str) -> "Workspace":
        """Take families for tests into the checkout, each with its schema, card and what came from outside."""
        for name in names:
            own, package = TOYS / name, self.root / "builders" / "families" / name
            shutil.copytree(own, package, ignore=_NO_CODE)
            for kind in ("sources", "replies", "reviews"):
                (self.root / "raw" / name / kind).mkdir(parents=True)
            for kind in ("own", "sample", "full"):
                (self.root / "raw" / name / kind).mkdir(parents=True)
                (self.root / "raw" / name / kind / "README.md").write_text(f"What the profile {kind} has of its own.\n")
            for file in own.glob("*.jsonl"):
                kind = file.stem if file.stem in {"replies", "reviews"} else "sources"
                shutil.copyfile(file, self.root / "raw" / name / kind / (file.name if kind == "sources" else "sample.jsonl"))
            shutil.copyfile(own / f"{name}.schema.json", self.root / "schemas" / f"{name}.schema.json")
            shutil.copyfile(own / f"{name}.md", self.root / "cards" / f"{name}.md")
            self._list(name)
        return self

    def _list(self, family: str) -> None:
        """Name a family to dvc."""
        path = self.root / "dvc.yaml"
        wanted = yaml.safe_load(path.read_text())
        wanted["vars"][0]["families"][family] = dict.fromkeys(("needs", "after"), f"raw/{family}/sources")
        wanted["metrics"].append(f"processed/{family}/summary")
        wanted["plots"].append(f"processed/{family}/figures")
        path.write_text(yaml.safe_dump(wanted, sort_keys=False))

    def copied(self, root: Path) -> "Workspace":
        """Return a copy in another folder, with all that was built here."""
        assert not root.exists()
        _cp(self.root, root)
        return replace(self, root=root)

    def only(self, *families: str) -> None:
        """Let dvc know these families alone."""
        path = self.root / "dvc.yaml"
        wanted = yaml.safe_load(path.read_text())
        wanted["vars"] = [{"families": {family: wanted["vars"][0]["families"][family] for family in families}}]
        of_these = [f"/{family}/" for family in families]
        for kind in ("metrics", "plots"):
            wanted[kind] = [listed for listed in wanted[kind] if any(folder in listed for folder in of_these)]
        path.write_text(yaml.safe_dump(wanted, sort_keys=False))

    def keep(self, *families: str) -> None:
        """Leave these families in the checkout, and no other: dvc is done with them, and their code with its hashes, sooner."""
        self.only(*families)
        for folder in (self.root / "builders" / "families").iterdir():
            if folder.is_dir() and not folder.is_symlink() and folder.name not in families:
                shutil.rmtree(folder)

    def locked(self, *families: str) -> None:
        """Lock what the project has locked of the code and of these families: dvc reads and writes all of it at each stage."""
        lock = yaml.load((PROJECT / "dvc.lock").read_text(), yaml.CSafeLoader)
        kept = {name: stage for name, stage in lock["stages"].items() if name.partition("@")[2] in {"", *families}}
        (self.root / "dvc.lock").write_text(yaml.safe_dump({**lock, "stages": kept}, sort_keys=False))

    def without_git(self) -> None:
        """Let dvc look for no repository."""
        config = self.root / ".dvc" / "config"
        config.write_text(config.read_text().replace("[core]", "[core]\n    no_scm = true"))

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m builders` here and wait for it.

        It is a process of its own in any case. Where the code is the project's, and nothing is asked for that a library reads
        when it is imported, it is forked from one that has imported everything: most of what a command costs are imports.
        """
        if self._loaded(environment):
            return self._forked(forks.shared(), list(arguments), [sys.executable, "-m", "builders", *arguments], environment)
        return self.python("-m", "builders", *arguments, **environment)

    def run_code(self, code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `python -c` here and wait for it, as `run` does."""
        if self._loaded(environment):
            command = [sys.executable, "-c", code, *arguments]
            return self._forked(forks.shared(), [forks.PYTHON, *command[1:]], command, environment)
        return self.python("-c", code, *arguments, **environment)

    def limited(
        self, limit: int, most: tuple[int, int], *arguments: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `python -m builders` here, as `run` does, under a limit of the system, `resource.RLIMIT_…`, soft and hard."""
        return self.run_code(LIMITED, str(limit), *map(str, most), *arguments, **environment)

    def _loaded(self, environment: dict[str, str]) -> bool:
        """Tell whether a process that has imported everything can be used: nothing that it read before is other here."""
        return all(name.startswith("BUILDERS_") for name in environment) and self._ours()

    def python(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `python` here, with `-m` and a module or `-c` and code, and wait for it.

        It is forked from one that has imported libraries of others, where these variables can be set after that.
        """
        command = [sys.executable, *arguments]
        if all(name.startswith(forks.EVALUATED) for name in environment):
            return self._forked(forks.plain(), [forks.PYTHON, *arguments], command, environment)
        return self.finished(command, **environment)

    def _forked(
        self, commands: forks.Commands, arguments: list[str], command: list[str], environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        done = commands.started(self.root, arguments, self.environment(**environment), alone=True).wait()
        cpu.charge(done.cpu)
        return subprocess.CompletedProcess(command, done.returncode, done.stdout, done.stderr)

    def _ours(self) -> bool:
        """Tell whether the code here is the project's: no module was edited, added or taken away."""
        there = _modules(self.root / "builders")
        meant = dict(_meant())
        for toy in TOYS.glob("*/params.yaml"):
            if (self.root / "builders" / "families" / toy.parent.name).is_dir():
                meant |= _meant(toy.parent.name)
        return there == meant

    def finished(self, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        """Run any command here and wait for it."""
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=GUARD,
            check=False,
        )

    @contextmanager
    def started(self, *arguments: str, **environment: str) -> Iterator[forks.Running | subprocess.Popen[str]]:
        """Start `python -m builders` here, as `run` does; it does not outlive the block."""
        if self._loaded(environment):
            process = forks.shared().speaking(self.root, list(arguments), self.environment(**environment))
            try:
                yield process
            finally:
                process.close()
                cpu.charge(process.cpu)
            return
        command = [sys.executable, "-m", "builders", *arguments]
        with running(command, cwd=self.root, env=self.environment(**environment)) as started:
            yield started

    def environment(self, **changes: str) -> dict[str, str]:
        """Return an environment with no variable of ours but these, and no way to the network's hub.

        Nor with Python's that has all output written at once: what is not flushed is to be missed. What is compiled is the
        project's own, and only read.
        """
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("BUILDERS_", "PYTHONUNBUFFERED"))}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        hub = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(self.root / ".hf")}
        return {**kept, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1", **hub, **changes}

    def build(self, *stages: str, family: str | None = None, **environment: str) -> list[str]:
        """Run stages that must succeed and return what each said of its rows."""
        lines = []
        for stage in stages or ("collect", "synthesize", "judge", "filter", "review", "validate", "release"):
            done = self.run(stage, family or self.family, **environment)
            assert done.returncode == 0, done.stderr
            lines.append(done.stdout.strip().partition("; asked ")[0])
        return lines

    def whole(self, family: str, **environment: str) -> str:
        """Run all stages in one process, where they must succeed, and return all that it printed, errors included."""
        done = self.run_code(WHOLE, family, *paths.STAGES, **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def quick(self, *names: str, family: str | None = None, **environment: str) -> list[str]:
        """Run stages that must succeed in this process, which takes a tenth of the time; return what each said of its rows."""
        with self.inside(**environment) as output:
            for name in names:
                run(name, family or self.family)
        return [line.partition("; asked ")[0] for line in output.getvalue().splitlines()]

    def explained(self, row: str, *, show_text: bool) -> str:
        """Return what explain tells of a row, in this process."""
        with self.inside(COLUMNS="5000") as output:
            explain.run(row, show_text=show_text, full=True)
        return output.getvalue()

    @contextmanager
    def inside(self, **environment: str) -> Iterator[io.StringIO]:
        """Be here in this process, with no variable of ours but these, and the families for tests; give what is printed."""
        output = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, chdir(self.root), redirect_stdout(output), redirect_stderr(io.StringIO()):
            know_toys(patch.setattr)
            patch.setattr(figures, "write", _drawn_once)
            for name in [name for name in os.environ if name.startswith("BUILDERS_")]:
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            yield output

    @contextmanager
    def params(self, family: str | None = None) -> Iterator[dict[str, Any]]:
        """Give the family's params as a mapping to change; they are written back at the end."""
        path = self.root / "builders" / "families" / (family or self.family) / "params.yaml"
        value = yaml.safe_load(path.read_text())
        yield value
        path.unlink()  # a family that is not meant shares its files with other workspaces
        path.write_text(yaml.safe_dump(value, sort_keys=False, allow_unicode=True))

    def project(self, **choices: str) -> None:
        """Set project-wide choices."""
        path = self.root / "params.yaml"
        path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **choices}))

    def source(self, name: str, content: str | bytes, family: str | None = None, **entry: Any) -> None:  # noqa: ANN401
        """Write a source file and make it the only source of the sample profile."""
        path = self.root / "raw" / (family or self.family) / "sources" / name
        path.unlink(missing_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with self.params(family) as params:
            params["sample"]["collect"]["sources"] = [declared(path, **entry)]

    def collected(self, *prompts: str) -> list[str]:
        """Lay down rows with these prompts as collect would have kept them, and return their ids."""
        folder = self.root / "processed" / self.family / "collect"
        made = [self._row(prompt) for prompt in prompts]
        with records.parted(folder / "rows" / "default", folder / "rejected" / "default") as write:
            for record in made:
                write(record, None)
        kept = shards.digest(folder / "rows" / "default")
        counts = Counts(len(made), 0, {"default": len(made)}, {}, None, kept)
        (folder / "stats.json").write_text(json.dumps({"default": asdict(counts)}))
        (folder / "decontamination").mkdir(exist_ok=True)
        (folder / "decontamination" / "default.json").write_text("{}")
        return [record.id for record in made]

    def _row(self, prompt: str) -> Record:
        provenance = Provenance("own", "CC-BY-4.0", None)
        data = {"instruction": prompt, "label": None}
        return Record(records.row_id(self.family, "own", prompt), "default", None, provenance, data)

    def rows(self, stage: str, pool: str = "default", family: str | None = None) -> list[dict[str, Any]]:
        """Return the rows a stage kept."""
        with chdir(self.root):
            return [record.facts() for record in records.kept(family or self.family, stage, pool)]

    def rejected(self, stage: str, pool: str = "default", family: str | None = None) -> list[dict[str, Any]]:
        """Return the rows a stage rejected: `rejection` and `row`."""
        with chdir(self.root):
            found = list(records.rejected(family or self.family, stage, pool))
        return [{"rejection": asdict(why), "row": record.facts()} for record, why in found]

    def reasons(self, stage: str, pool: str = "default", family: str | None = None) -> list[str]:
        """Return the reasons of the rejected rows in order."""
        return [line["rejection"]["reason"] for line in self.rejected(stage, pool, family)]

    def fates(self, pool: str, family: str | None = None) -> dict[str, Counter[str]]:
        """Return what was planted in the rows of a pool → what became of them; a row's key begins with what was planted."""
        found: dict[str, Counter[str]] = {}
        for stage in paths.STAGES[1:-1]:
            for line in self.rejected(stage, pool, family):
                key = line["row"]["provenance"]["source_key"]
                found.setdefault(key.partition("-")[0], Counter())[line["rejection"]["reason"]] += 1
        for row in self.rows("validate", pool, family):
            found.setdefault(row["provenance"]["source_key"].partition("-")[0], Counter())["none"] += 1
        return found

    @property
    def release(self) -> Path:
        return self.root / "processed" / self.family / "release"


_draw = figures.write
_drawn: dict[str, tuple[list[figures.ReleaseFigure], dict[str, bytes]]] = {}
"""What was drawn in this process: the figures, and their files."""


def _drawn_once(family: str, numbers: Summary, folder: Path) -> list[figures.ReleaseFigure]:
    """Draw the figures of a release, or lay down those that were drawn of the same numbers: their bytes are the same."""
    key = repr((family, families.subsets(family), contracts.judging(family) if numbers.scores else None, numbers))
    there = folder / figures.FOLDER
    if key not in _drawn:
        made = _draw(family, numbers, folder)
        _drawn[key] = made, {path.name: path.read_bytes() for path in there.iterdir()}
        return made
    there.mkdir()
    made, files = _drawn[key]
    for name, content in files.items():
        (there / name).write_bytes(content)
    return list(made)


@cache
def _pattern() -> tempfile.TemporaryDirectory[str]:
    """Return a folder with a workspace that nobody changes."""
    folder = tempfile.TemporaryDirectory(prefix="pattern-")
    Workspace._assembled(Path(folder.name) / "project")  # noqa: SLF001
    return folder


@cache
def _parted(family: str) -> tuple[Path, Path]:
    """Return two folders that are a workspace together: what tests about a family may write into, and what is only read.

    The latter, nearly all files, is linked into every workspace; `written_into` tells whether somebody did write into it.
    """
    folder = Path(_pattern().name)
    _as_made()
    own, shared = folder / f"own-{family}", folder / f"shared-{family}"
    _cp(folder / "project", shared, "--link")
    for path in _pattern_files():
        if not _only_read(path.parts, family):
            (own / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(shared / path, own / path)
            (shared / path).unlink()
    for compiled in (PROJECT / "builders").rglob("__pycache__"):  # for commands that begin without a module of ours
        if (there := shared / compiled.relative_to(PROJECT)).parent.is_dir():
            there.symlink_to(compiled)
    return own, shared


def _only_read(parts: tuple[str, ...], family: str) -> bool:
    """Tell whether a file is code of all families, or anything but the params of one that a test is not about."""
    folder, *rest = parts
    if parts[-1] == "params.yaml":
        return False
    if folder == "raw" and len(rest) > 1:
        return rest[0] not in {FAMILY, family}
    if rest[:1] == ["families"] and len(rest) > 2:
        return rest[1] not in {FAMILY, family}
    return folder == "builders" and parts[-1].endswith(".py")


def _pattern_files() -> list[Path]:
    root = Path(_pattern().name) / "project"
    return [path.relative_to(root) for path in sorted(root.rglob("*")) if not path.is_dir()]


def written_into() -> list[str]:
    """Return the files of the pattern that have changed: to write into a file of a workspace, unlink it first."""
    root = Path(_pattern().name) / "project"
    return [str(path) for path, facts in _as_made().items() if _facts(root / path) != facts]


@cache
def _as_made() -> dict[Path, tuple[int, int]]:
    root = Path(_pattern().name) / "project"
    return {path: _facts(root / path) for path in _pattern_files()}


def _facts(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _cp(folder: Path | str, to: Path, *options: str) -> None:
    """Copy or link with the modes and times of files: cp takes a third of what Python does, or less, without owners."""
    subprocess.run([_CP, "-dR", "--preserve=mode,timestamps", *options, str(folder), str(to)], check=True)


def _modules(package: Path) -> dict[str, tuple[int, int]]:
    """Return the size and time of each module of a package."""
    found, waiting = {}, [str(package)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name.endswith(".py"):
                    status = entry.stat()
                    found[entry.path] = (status.st_size, status.st_mtime_ns)
    return {path.removeprefix(f"{package}/"): facts for path, facts in found.items()}


@cache
def _meant(toy: str = "") -> dict[str, tuple[int, int]]:
    """Return what the modules of the project are, or those of a family for tests in their place in it, as the tests began."""
    if toy:
        return {f"families/{toy}/{name}": facts for name, facts in _modules(TOYS / toy).items()}
    return _modules(PROJECT / "builders")


def know_toys(change: Callable[[object, str, object], None]) -> None:
    """Let this process know the families for tests: where their modules are, and which of them decide about bytes."""
    change(packages, "__path__", [*packages.__path__, str(TOYS)])
    change(code, "_PACKAGE", Path(_merged().name) / "builders")


@cache
def _merged() -> tempfile.TemporaryDirectory[str]:
    """Return a folder in which the families for tests lie in the package, as in every workspace."""
    folder = tempfile.TemporaryDirectory(prefix="package-")
    package = Path(folder.name) / "builders"
    (package / "families").mkdir(parents=True)
    for path in (PROJECT / "builders").iterdir():
        if path.name != "families":
            (package / path.name).symlink_to(path)
    for path in (PROJECT / "builders" / "families").iterdir():
        (package / "families" / path.name).symlink_to(path)
    for path in TOYS.glob("*/params.yaml"):
        shutil.copytree(path.parent, package / "families" / path.parent.name, ignore=_NO_CODE)
    return folder


def declared(file: Path, **entry: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the params entry of a source file whose prompts stand in the column `prompt`, with these keys changed."""
    return {
        "id": "own",
        "file": file.name,
        "format": file.suffix[1:],
        "license": "CC-BY-4.0",
        "subset": "default",
        "columns": {"instruction": "prompt"},
        "each": None,
        "only": None,
        "constants": {},
        "values": {},
        "limit": None,
        "answers": None,
        **entry,
    }


@contextmanager
def running(command: list[str], cwd: Path, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Start a process, its output in pipes, and kill it if it still runs at the end of the block."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=cwd, env=env, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def every(release: Path, config: str | None = None, **choices: str) -> Any:  # noqa: ANN401  (what `datasets` has)
    """Return the rows of all splits of a release's config."""
    from datasets import concatenate_datasets, load_dataset

    return concatenate_datasets(list(load_dataset(str(release), config, **choices).values()))


def laid(place: Path, rows: Iterable[Record]) -> None:
    """Put rows in the place of a pool."""
    with shards.anew(place) as append:
        for row in rows:
            append(records.encode(row))


def lines(place: Path) -> bytes:
    """Return the lines of a pool."""
    return b"".join(shards.lines(place))


def card(release: Path) -> str:
    """Return both files of a release's card."""
    return "\n".join((release / name).read_text() for name in ("README.md", "DETAILS.md"))


def waited(work: Awaitable[Value]) -> Value:
    """Return what comes of a work, in an event loop of its own."""

    async def ended() -> Value:
        return await work

    return asyncio.run(ended())


def jsonl(*rows: object) -> str:
    """Return rows as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that a refused command printed, having checked that it is one, with exit code 2.

    An estimate of what will be asked may have gone before.
    """
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    lines = [line for line in done.stderr.strip().splitlines() if not line.endswith("less what the ledger has")]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: ")
    assert "Traceback" not in done.stdout + done.stderr
    return lines[0]

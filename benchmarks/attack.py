"""An attack on a build: rows that nobody would write, servers that lie, kills, flipped bits, forged files, troubled publishes.

    python -m benchmarks.attack [--seed 0] [--rows 10000] [--kills 20] [--flips 300] [--sealed 300] [--publishes 24]

A line for each kind of attack, with how often it was made, how often it was answered with one line (`refused`), and
  bug       what ended otherwise than with an answer or one line and exit code 2
  lost      rows, replies or versions that should be there, and are not, or are others
  doubled   what is there twice
  leaked    text of a row, a key or a control character where it must not be: on the terminal, in counts, in the ledger
  ungated   a repository of a hazard family that was not private and gated after a publish, or a version nobody verified
Exit code 1 if any of these five is not zero. Another seed makes other attacks.
"""

import argparse
import asyncio
import random
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import forging, lies, publishing_under_attack
from benchmarks.kill_drill import Course, drill
from builders import shards
from builders.errors import BuildError
from builders.jobs import counts
from builders.ledger import costs
from builders.ledger.ledger import Entry, Ledger
from builders.ledger.store import Store
from builders.progress import say
from builders.records import canonical, digest
from builders.stages.running import run
from tests.doubles import hostile
from tests.doubles.teacher import Server, serving
from tests.harness import FAMILY, Workspace

_COLUMNS = {"key": "key", "instruction": "prompt", "label": "topic"}
_FILE_ROWS = 400
_CONTROL = ("\x1b", "\x07", "\x9b")
_HONEST = 11


@dataclass
class Line:
    """What came of one kind of attack."""

    name: str
    made: int = 0
    refused: int = 0
    bug: int = 0
    lost: int = 0
    doubled: int = 0
    leaked: int = 0
    ungated: int = 0
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether anything is wrong."""
        return any((self.bug, self.lost, self.doubled, self.leaked, self.ungated))

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Count how the block ends; one line is an answer."""
        try:
            yield
        except BuildError as error:
            self.refused += 1
            self.leaked += hostile.MARK in str(error) or lies.KEY in str(error)
        except Exception as error:  # noqa: BLE001  (that there is none is what is measured)
            self.bug += 1
            say(f"{self.name}: {type(error).__name__}: {str(error)[:200]}")


def main() -> int:
    """Print a line for each kind of attack; exit code 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    for name, count in (("rows", 10_000), ("kills", 20), ("flips", 300), ("sealed", 300), ("publishes", 24)):
        parser.add_argument(f"--{name}", type=int, default=count)
    arguments = parser.parse_args()
    attacks: list[tuple[str, Callable[[Line, Path], None]]] = [
        ("rows", lambda line, root: fuzzed(line, root, arguments.rows, arguments.seed)),
        ("lying servers", lied_to),
        ("kills", lambda line, root: killed(line, root, arguments.kills, arguments.seed)),
        ("flipped bits", lambda line, root: flipped(line, root, arguments.flips, arguments.seed)),
        ("sealed files", lambda line, root: forging.attack(line, root, arguments.sealed, arguments.seed)),
        ("publishes", lambda line, root: publishing_under_attack.attack(line, root, arguments.publishes, arguments.seed)),
    ]
    print(
        f"{'attack':<16}{'made':>8}{'refused':>9}{'bug':>6}{'lost':>6}{'doubled':>9}{'leaked':>8}{'ungated':>9}{'seconds':>9}"
    )
    lines = [_attacked(name, attack) for name, attack in attacks]
    return int(any(line.failed for line in lines))


def _attacked(name: str, attack: Callable[[Line, Path], None]) -> Line:
    line, start = Line(name), time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        attack(line, Path(scratch))
    line.seconds = time.monotonic() - start
    counts = f"{line.bug:>6}{line.lost:>6}{line.doubled:>9}{line.leaked:>8}{line.ungated:>9}{line.seconds:>9.0f}"
    print(f"{line.name:<16}{line.made:>8}{line.refused:>9}{counts}", flush=True)
    return line


def fuzzed(line: Line, root: Path, rows: int, seed: int) -> None:
    """Collect files of hostile rows, each of which has to be kept or rejected, and files with wrong bytes."""
    workspace = Workspace.make(root / "project")
    with workspace.params() as params:
        params["sample"]["collect"]["decontamination"]["sets"] = []
    number = 0
    while line.made < rows:
        kind = hostile.FORMATS[number % len(hostile.FORMATS)]
        count = _FILE_ROWS // 4 if kind == "yaml" else _FILE_ROWS
        whole = hostile.rows(kind, count, seed * 1_000_000 + number)
        _collected(line, workspace, kind, whole, count)
        _collected(line, workspace, kind, hostile.spoilt(whole, seed * 1_000_000 + number), None)
        line.made += count
        number += 1


def _collected(line: Line, workspace: Workspace, kind: str, content: bytes, count: int | None) -> None:
    """Collect a file of so many rows; None: of rows, as many as it may have."""
    workspace.source(f"own.{kind}", content, columns=_COLUMNS)
    before = line.refused + line.bug
    with workspace.inside() as output, line.refusing():
        run("collect", FAMILY)
        [counted] = counts(FAMILY, "collect").values()
        line.leaked += hostile.MARK in output.getvalue()
        line.lost += counted.read - sum(counted.out.values()) - sum(counted.rejected.values())
        line.lost += 0 if count is None else count - counted.read
    if count and line.refused + line.bug > before:
        line.lost += count  # a file in which only values are odd must not end the build


def lied_to(line: Line, root: Path) -> None:
    """Ask a server that lies about some prompts, each another lie, and servers whose page of models is one."""
    prompts = [f"Why is the harbour clock number {number} slow after rain?" for number in range(len(lies.LIES) + _HONEST)]
    workspace = Workspace.make(root / "project")
    workspace.project(teacher="endpoint")
    workspace.collected(*prompts)
    line.made += len(lies.LIES)
    with serving(lies.answer) as server:
        done = workspace.run("synthesize", FAMILY, **_environment(server))
        asked = len(server.asked)
        _judge(line, workspace, done.returncode, done.stdout + done.stderr, prompts)
        again = workspace.run("synthesize", FAMILY, **_environment(server))
        line.bug += again.returncode not in {0, 2}  # asked for lies alone, a server answers nothing any more
        line.doubled += sum(lies.number(entry) >= len(lies.LIES) for entry in server.asked[asked:])  # answered, and asked again
    for page in lies.PAGES.values():
        line.made += 1
        with _listing(page) as url:
            fresh = Workspace.make(root / f"page {line.made}")
            fresh.project(teacher="endpoint")
            fresh.collected(*prompts[-1:])
            done = fresh.run("synthesize", FAMILY, BUILDERS_TEACHER_URL=url, BUILDERS_TEACHER_API_KEY=lies.KEY)
            line.bug += done.returncode != 2 or len(done.stderr.splitlines()) > 2  # noqa: PLR2004  (an estimate may go before)
            line.refused += done.returncode == 2  # noqa: PLR2004
            line.leaked += any(sign in done.stdout + done.stderr for sign in (*_CONTROL, lies.KEY))


def _environment(server: Server) -> dict[str, str]:
    return {"BUILDERS_TEACHER_URL": server.url, "BUILDERS_TEACHER_API_KEY": lies.KEY, "BUILDERS_CONCURRENCY": "32"}


def _judge(line: Line, workspace: Workspace, code: int, output: str, prompts: list[str]) -> None:
    """See what came of a build whose server has lied."""
    line.bug += code != 0
    kept, rejected = workspace.rows("synthesize"), workspace.rejected("synthesize")
    ids = [row["id"] for row in kept] + [one["row"]["id"] for one in rejected]
    line.lost += len(prompts) - len(set(ids))
    line.doubled += len(ids) - len(set(ids))
    line.refused += len(rejected)
    honest = {row["data"]["instruction"] for row in kept} & set(prompts[len(lies.LIES) :])
    line.lost += _HONEST - len(honest)
    line.leaked += any(sign in output for sign in (*_CONTROL, lies.KEY, lies.TEXT[:30]))
    texts = [*map(Path.read_bytes, workspace.root.rglob("*.jsonl"))]
    texts += [part for path in workspace.root.rglob(f"*{shards.SUFFIX}") for part in shards.of(path)]
    line.leaked += lies.KEY.encode() in b"".join(texts)
    with closing(Store(workspace.root / ".ledger" / "replies.sqlite", read_only=True)) as store:
        stored = list(store.entries())
    line.leaked += sum(lies.KEY.encode() in entry.reply for _, entry in stored)
    line.doubled += len(stored) - len({key for key, _ in stored})


@contextmanager
def _listing(page: bytes) -> Iterator[str]:
    """Serve a page of models."""
    with serving(lies.answer) as server:
        server.page = page
        yield server.url


def killed(line: Line, root: Path, kills: int, seed: int) -> None:
    """Kill a stage, and dvc, at moments drawn from their lives."""
    report = drill(Course(root, 600, dvc=True), kills, seed)
    line.made = len(report.kills)
    line.lost = sum(kill.lost + kill.again for kill in report.kills)
    line.doubled = sum(kill.doubled for kill in report.kills)
    line.bug = len(report.failures)
    for failure in report.failures[:5]:
        say(f"kills: {failure}")


def flipped(line: Line, root: Path, flips: int, seed: int) -> None:
    """Flip bits of a ledger's file: every reply that is still read is the one that was stored."""
    chance = random.Random(seed)  # noqa: S311
    whole = root / "whole" / "replies.sqlite"
    stored = asyncio.run(_filled(whole))
    content = whole.read_bytes()
    path = root / "replies.sqlite"
    for _ in range(flips):
        line.made += 1
        bits = bytearray(content)
        for _ in range(chance.choice((1, 1, 1, 8, 64))):
            bits[chance.randrange(len(bits))] ^= 1 << chance.randrange(8)
        for beside in root.glob("replies.sqlite*"):
            beside.unlink()
        path.write_bytes(bits)
        with line.refusing(), closing(Store(path, read_only=True)) as store:
            for key, entry in stored.items():
                found = store.find(bytes.fromhex(key[:32]))
                line.lost += found is not None and found != entry
            costs.spent([store])


async def _filled(path: Path) -> dict[str, Entry]:
    stored = {}
    with Ledger(path) as ledger:
        for number in range(300):
            reply = {"content": f"reply {number} " * 20, "finish_reason": "stop", "tokens": [1, 1]}
            entry = Entry(canonical({"role": "teacher", "model": f"m{number % 3}"}), canonical([number]), canonical(reply))
            stored[digest(number)] = entry
            done = ledger.put(digest(number), entry, None)
        await done
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    shutil.rmtree(path.with_name(f"{path.name}.claims"), ignore_errors=True)
    return stored


if __name__ == "__main__":
    raise SystemExit(main())

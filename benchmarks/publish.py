"""What publishing costs as a dataset grows: time and memory of release and publish, beside a plain upload without any check.

    python -m benchmarks.publish [--rows 100000 1000000] [--hub]

A release of so many rows without images, made of the sample's, is published to a folder, or with `--hub` to a Hub on the
loopback, whose own process holds what it is sent: as a first version, then with one row in a hundred changed and a
hundredth more. The peer brings the same files there and loads every config once, with `shutil.copytree` or `upload_folder`
and `load_dataset`; it compares nothing, and nothing is tagged. Memory is what a process holds of its own at most (RssAnon),
without the pages of files that it maps.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson

from builders import paths, records, shards
from builders.records import Record
from tests.doubles.hub import serving
from tests.harness import Workspace
from tests.publishing.conftest import NAMESPACE, WRITER, git, lock

FAMILY = "mmathcot"
POOL = "rewrite"
EVERY = 100
"""Of so many rows one is changed, and one is added, for the second version."""
_SAMPLED_SECONDS = 0.02
_MEGA = 1e6

_PEER = """
import shutil, sys, datasets
from huggingface_hub import HfApi
release, to, cache = sys.argv[1:]
datasets.disable_progress_bars()
if to.startswith("/"):
    shutil.copytree(release, to)
else:
    HfApi().create_repo(to, repo_type="dataset")
    HfApi().upload_folder(repo_id=to, folder_path=release, repo_type="dataset")
for config in datasets.get_dataset_config_names(to):
    datasets.load_dataset(to, config, split="train", cache_dir=cache)
"""


class Cost(NamedTuple):
    """What a process cost.

    Args:
        seconds: by the clock.
        megabytes: most memory of its own.
    """

    seconds: float
    megabytes: float


def made(root: Path, rows: int) -> Workspace:
    """Make a clone in which validate has kept so many rows."""
    workspace = Workspace.make(root)
    workspace.quick(*paths.STAGES, family=FAMILY)
    git(root, "init", "--quiet")
    _grown(workspace, _rows(workspace, rows), rows)
    return workspace


def _rows(workspace: Workspace, rows: int) -> Iterator[Record]:
    """Yield copies of the sample's rows without an image, each with words of its own."""
    with workspace.inside():
        some = [record for record in records.kept(FAMILY, "validate", POOL) if record.data["image"] is None]
    for number in range(rows):
        row = some[number % len(some)]
        name = f"{FAMILY}:{number:016x}"
        words = records.digest([number])
        output = row.data["output"].replace("Step 1:", f"Step 1: {words}", 1)
        yield Record(name, row.subset, None, row.provenance, {**row.data, "id": name, "output": output})


def _grown(workspace: Workspace, rows: Iterator[Record], count: int) -> None:
    """Put rows in the place of those that validate kept."""
    path = workspace.root / paths.rows(FAMILY, "validate", POOL)
    with shards.anew(path) as append:
        for row in rows:
            append(records.encode(row))
    counts = {
        "read": count,
        "spawned": 0,
        "out": {POOL: count},
        "rejected": {},
        "read_sha256": "0" * 64,
        "out_sha256": "0" * 64,
    }
    for stage in paths.STAGES[:-1]:
        stats = workspace.root / paths.stats(FAMILY, stage)
        stats.write_bytes(orjson.dumps({**orjson.loads(stats.read_bytes()), POOL: counts}))


def _next(workspace: Workspace, rows: int) -> None:
    """Change one row in a hundred, and add as many."""
    path = workspace.root / paths.rows(FAMILY, "validate", POOL)
    before = path.rename(path.with_name("before"))

    def following() -> Iterator[Record]:
        for number, (row, _) in enumerate(records.read(before)):
            yield row if number % EVERY else row.having(answer="another")
            if number % EVERY == 0:
                name = f"{FAMILY}:{number + rows:016x}"
                yield Record(name, row.subset, None, row.provenance, {**row.data, "id": name})

    _grown(workspace, following(), rows + -(-rows // EVERY))
    shutil.rmtree(before)


def _committed(workspace: Workspace) -> None:
    lock(workspace, FAMILY)
    git(workspace.root, "add", "--all")
    git(workspace.root, "commit", "--quiet", "--allow-empty", "--message", "Build")


def cost(command: list[str], folder: Path, environment: dict[str, str]) -> Cost:
    """Run a command, which must succeed, and return what it cost."""
    start = time.perf_counter()
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=subprocess.STDOUT, text=True) as process:
        most = [0.0]
        watch = threading.Thread(target=_watch, args=(process, most))
        watch.start()
        output, _ = process.communicate()
        watch.join()
    if process.returncode:
        raise SystemExit(output)
    return Cost(time.perf_counter() - start, most[0])


def _watch(process: "subprocess.Popen[str]", most: list[float]) -> None:
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        except OSError:
            return
        for line in status.splitlines():
            if line.startswith("RssAnon:"):
                most[0] = max(most[0], int(line.split()[1]) * 1024 / _MEGA)
        time.sleep(_SAMPLED_SECONDS)


@contextmanager
def _destination(root: Path, *, hub: bool) -> Iterator[tuple[dict[str, str], str]]:
    """Give the environment that names a destination, and where the peer goes."""
    home = {"HF_HOME": str(root / "hf"), "HF_XET_CACHE": str(root / "xet")}
    if not hub:
        yield {**home, "BUILDERS_DESTINATION": (root / "shelf").as_uri()}, str(root / "peer")
        return
    with serving() as served:
        served.writers = {WRITER: NAMESPACE}
        to = {"BUILDERS_DESTINATION": f"hf://datasets/{NAMESPACE}"}
        yield {**home, **served.environment(WRITER), **to}, f"{NAMESPACE}/peer"


def measured(root: Path, rows: int, *, hub: bool) -> dict[str, Cost]:
    """Release and publish so many rows, twice, and bring them there plainly."""
    workspace = made(root / "project", rows)
    found = {}
    build = [sys.executable, "-m", "builders", "release", FAMILY]
    publish = [sys.executable, "-m", "builders", "publish", FAMILY, "--sample"]
    with _destination(root, hub=hub) as (variables, peer):
        environment = workspace.environment(**variables)
        if hub:
            environment["HF_HUB_OFFLINE"] = "0"
        found["release"] = cost(build, workspace.root, environment)
        _committed(workspace)
        plain = [sys.executable, "-c", _PEER, str(workspace.root / "processed" / FAMILY / "release"), peer, str(root / "cache")]
        found["peer"] = cost(plain, workspace.root, environment)
        found["first publish"] = cost(publish, workspace.root, environment)
        found["nothing to do"] = cost(publish, workspace.root, environment)
        _next(workspace, rows)
        found["next release"] = cost(build, workspace.root, environment)
        _committed(workspace)
        found["next publish"] = cost(publish, workspace.root, environment)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--hub", action="store_true", help="publish to a Hub on the loopback, not to a folder")
    arguments = parser.parse_args()
    for rows in arguments.rows:
        with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
            found = measured(Path(folder), rows, hub=arguments.hub)
        print(f"{rows} rows, {'Hub' if arguments.hub else 'folder'}")
        for name, spent in found.items():
            ratio = spent.seconds / found["peer"].seconds
            print(f"  {name:15} {spent.seconds:8.1f} s  {ratio:5.2f} x peer  {spent.megabytes:7.0f} MB")


if __name__ == "__main__":
    main()

"""The commit that is checked out, and whether the files are those of it, whatever git has been told to overlook.

No variable and no setting of the user reaches git here: a checkout is read from where it lies, and with an index of its own,
in which no file is marked as unchanged.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from builders import paths
from builders.errors import BuildError

_DECIDING = ("builders", "schemas", "cards")
"""Folders whose every file a commit must have: a file that git ignores decides about bytes just the same."""
_LEFT_BY_PYTHON = {"__pycache__"}
_QUIET = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
_SETTINGS = {
    "core.excludesFile": "",
    "core.attributesFile": os.devnull,
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.untrackedCache": "false",
    "core.fileMode": "true",
    "core.symlinks": "true",
    "core.ignoreStat": "false",
    "core.checkStat": "default",
    "core.trustctime": "true",
    "status.showUntrackedFiles": "normal",
    "core.quotePath": "false",
}


def commit() -> str:
    """Return the commit that is checked out, having checked that nothing differs from it.

    Raises:
        BuildError: something does, or this is not a git checkout.
    """
    root = paths.root().resolve()
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        _git("read-tree", "HEAD", **index)
        changed = [line[3:] for line in _git("status", "--porcelain", "--ignore-submodules=none", **index).splitlines()]
    changed += sorted(_present() - set(_git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")))
    if changed:
        others = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        what = f"the working tree differs from the commit that the release would name: {changed[0]}{others}"
        raise BuildError(what, where=root, fix="commit it, or put it away")
    return _git("rev-parse", "HEAD").strip()


def date() -> str:
    """Return when the commit was made, an ISO 8601 date."""
    return _git("log", "-1", "--no-show-signature", "--format=%cs").strip()


def _present() -> set[str]:
    """Return the files that decide about bytes, by their path in the checkout."""
    root = paths.root()
    return {
        path.relative_to(root).as_posix()
        for folder in _DECIDING
        for path in (root / folder).rglob("*")
        if not path.is_dir() and _LEFT_BY_PYTHON.isdisjoint(path.parts)
    }


def _git(*arguments: str, **environment: str) -> str:
    root = paths.root().resolve()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    trusted = {**_SETTINGS, "safe.directory": str(root)}  # its code runs already: whoever owns it is trusted
    settings = [part for name, value in trusted.items() for part in ("-c", f"{name}={value}")]
    done = subprocess.run(  # noqa: S603
        ["git", *settings, *arguments],  # noqa: S607
        cwd=root,
        env={**kept, **_QUIET, "LC_ALL": "C", **environment},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        what = f"git {arguments[0]} fails: {(done.stderr.strip().splitlines() or ['no message'])[-1]}"
        raise BuildError(what, where=root, fix="publish from a clone that has a commit")
    return done.stdout

"""Whether the Hub has a file already: its hash of a large one, git's name of any other."""

import hashlib
from pathlib import Path

from huggingface_hub.hf_api import RepoFile


def blob(file: RepoFile | None) -> str | None:
    """Return what names the content of a Hub's file; None where there is no file."""
    return (file.lfs.sha256 if file.lfs else file.blob_id) if file else None


def holds(file: RepoFile | None, path: Path, digest: str) -> bool:
    """Tell whether the Hub's file is this one."""
    if file is None:
        return False
    return bool(file.lfs.sha256 == digest if file.lfs else file.blob_id == _git_name(path))


def _git_name(path: Path) -> str:
    """Return git's name for a file's content."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()

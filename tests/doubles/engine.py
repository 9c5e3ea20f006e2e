"""The folder through which a test and the processes of the vllm double talk to each other."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

SOON = 600.0
"""Seconds within which a process must be gone."""


@dataclass(frozen=True)
class Double:
    """What the double is told, and what its processes say; the module tests/doubles/vllm/…/api_server.py has the words."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to find it."""
        return {"PYTHONPATH": str(Path(__file__).parent), "DOUBLE_FOLDER": str(self.folder)}

    def tell(self, **words: str) -> None:
        """Tell it some things, such as `dies="ValueError: no such model"`."""
        for name, text in words.items():
            (self.folder / name).write_text(text)

    def note(self, name: str) -> str:
        """Return what stands there about a thing."""
        return (self.folder / name).read_text()

    def untell(self, name: str) -> None:
        """Take a thing back."""
        (self.folder / name).unlink()

    @property
    def starts(self) -> list[dict[str, Any]]:
        """What each process said when it started."""
        file = self.folder / "starts.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def wait_for_starts(self, count: int, seconds: float = SOON) -> None:
        """Wait until so many processes have started."""
        end = time.monotonic() + seconds
        while len(self.starts) < count:
            assert time.monotonic() < end, f"only {len(self.starts)} have started"
            time.sleep(0.02)

    @property
    def pids(self) -> list[int]:
        """The pids of all processes there were."""
        return [pid for start in self.starts for pid in start["pids"]]

    def still_there(self, seconds: float = SOON) -> list[int]:
        """Wait until all of them are gone, and return the pids of those that are not."""
        return still_there(self.pids, seconds)


def still_there(pids: list[int], seconds: float = SOON) -> list[int]:
    """Wait until some processes are gone, and return the pids of those that are not."""
    _, alive = psutil.wait_procs([psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)], seconds)
    return [process.pid for process in alive]

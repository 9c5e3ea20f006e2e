"""Live lines while a stage runs on a terminal; a line at a time elsewhere, on stderr.

Changes no byte of a row.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from builders import terminal

REFRESH_SECONDS = 0.1
LINE_SECONDS = 15.0

Item = TypeVar("Item")
Show = Callable[[int], None]


def say(line: str) -> None:
    """Print a line about what a stage is doing."""
    print(terminal.line(line), file=sys.stderr, flush=True)  # noqa: T201


def now_and_then(tell: Callable[[str], None]) -> Callable[[str], None]:
    """Return a function that passes on what it is told, but not more often than every few seconds."""
    next_time = 0.0

    def limited(text: str) -> None:
        nonlocal next_time
        now = time.monotonic()
        if now >= next_time:
            next_time = now + LINE_SECONDS
            tell(text)

    return limited


@contextmanager
def shown(label: str, total: int | None, note: Callable[[], str] = str) -> Iterator[Show]:
    """Give a function that says how many rows are done.

    Args:
        label: what runs.
        total: how many rows there will be; None where that is not known.
        note: returns what else there is to say; called a few times a second.
    """
    console = Console(file=terminal.beneath(sys.stderr))
    if not console.is_terminal:
        yield lambda _done: None
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=10),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    progress = Progress(*columns, console=console)
    task = progress.add_task(terminal.line(label), total=total)
    note_text = Text()

    def drawn() -> Group:
        return Group(progress, *([note_text] if note_text else []))  # below: beside the rows it would squeeze them out of sight

    with Live(get_renderable=drawn, console=console, transient=True):
        next_refresh = 0.0

        def show(done: int) -> None:
            nonlocal next_refresh, note_text
            now = time.monotonic()
            if now >= next_refresh:
                next_refresh = now + REFRESH_SECONDS
                progress.update(task, completed=done)
                note_text = terminal.text(note())

        yield show


def tracked(items: Iterable[Item], label: str, total: int | None) -> Iterator[Item]:
    """Yield the items, showing how many there were, the time taken and the time left."""
    with shown(label, total) as show:
        for done, item in enumerate(items):
            show(done)
            yield item

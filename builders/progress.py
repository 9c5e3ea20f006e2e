"""A live line while a stage runs on a terminal; silence elsewhere."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Item = TypeVar("Item")
Show = Callable[[int, str], None]


@contextmanager
def shown(label: str, total: int | None) -> Iterator[Show]:
    """Give a function that says how many rows are done and what else there is to say.

    Args:
        label: what runs.
        total: how many rows there will be; None where that is not known.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _note: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(label, total=total, note="")
        yield lambda done, note: progress.update(task, completed=done, note=note)


def tracked(items: Iterable[Item], label: str, total: int | None) -> Iterator[Item]:
    """Yield the items, showing how many there were, the time taken and the time left."""
    with shown(label, total) as show:
        for done, item in enumerate(items):
            show(done, "")
            yield item

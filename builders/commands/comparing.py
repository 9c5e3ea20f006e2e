"""compare: logs of Inspect side by side, with the papers' numbers, paired differences, and what judges are worth.

Prints measures and names, never a reply.
"""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from builders.errors import BuildError
from builders.evaluation import comparing, comparison_tables, published, runs

_WIDTH = 160


def run(logs: Sequence[Path], *, every: bool, markdown: Path | None, table: Path | None, plots: Path | None) -> None:
    """Print a comparison of logs, and write it where that is wanted.

    Args:
        logs: files of logs, or folders of them.
        every: whether measures of groups are shown, too.
        markdown: a file for all tables as Markdown.
        table: a file for every number as CSV.
        plots: a folder for plots.

    Raises:
        BuildError: a log is not there, is none, or none ended well.
    """
    found = comparing.compared(runs.read(logs), published.numbers(), every=every)
    console = Console(highlight=False, width=max(_WIDTH, Console().width))
    for title, heads, rows in comparison_tables.tables(found):
        console.print(comparison_tables.rich(title, heads, rows))
    for note in found.notes:
        console.print(note, soft_wrap=True, markup=False)
    if markdown:
        _write(markdown, comparison_tables.markdown(found))
    if table:
        _write(table, comparison_tables.comma_separated(found))
    if plots:
        for file in comparison_tables.plot(found, plots):
            console.print(str(file), soft_wrap=True, markup=False)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BuildError(f"cannot be written: {error.strerror}", where=file, fix="name another file") from None

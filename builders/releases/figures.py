"""The figures of a card: the funnel, how long texts are, what judges said. PNG, the same bytes for the same numbers.

They show numbers alone, never a text. The background is transparent and every ink has about the same contrast on white and
on black, so that they can be read on a light page and on a dark one.
"""

import io
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from builders import contracts, paths
from builders import family as families
from builders.releases import summary
from builders.releases.summary import KEPT, REJECTED, Summary, Tally

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Kind = Literal["stepfilled", "step"]

FOLDER = "figures"
INK = "#787878"
COLOURS = ("#2f86d1", "#c4701e", "#36924a", "#a264c9", "#c8595c", "#76812b")
"""Each has a contrast of more than 3 to 1 on white and on black."""
_KEPT, _REJECTED = COLOURS[0], COLOURS[1]
_DPI = 144
_WIDTH_INCHES = 7.2
_BINS = 20
_PANELS_BESIDE = 3


class ReleaseFigure(NamedTuple):
    """A figure of a release.

    Args:
        path: where it is in the release.
        title: what it shows, in a few words.
        caption: how to read it.
        alt: what can be read off it.
    """

    path: str
    title: str
    caption: str
    alt: str


def write(family: str, numbers: Summary, folder: Path) -> list[ReleaseFigure]:
    """Draw the figures of a release.

    Args:
        family: its name.
        numbers: what they show.
        folder: the release.
    """
    (folder / FOLDER).mkdir()
    drawn = [
        ReleaseFigure(
            f"{FOLDER}/funnel.png", "Rows by stage", "What each stage kept and rejected.", _funnel_alt(numbers.stages)
        )
    ]
    _save(_funnel(numbers.stages), folder / drawn[0].path)
    if numbers.words:
        caption = "How long the released texts are, in percent of a config's texts; the line is the median."
        drawn.append(ReleaseFigure(f"{FOLDER}/lengths.png", "Words of a text", caption, _lengths_alt(numbers.words)))
        subsets = [summary.owned(subset, own) for own in (False, True) for subset in families.subsets(family)]
        _save(_lengths(numbers.words, subsets), folder / drawn[-1].path)
    if numbers.scores:
        caption = "Every row that judges were asked about, by what became of it: each colour adds up to 100 %."
        if any(summary.NONE in summary.pooled(tally) for tally in numbers.scores.values()):
            caption += f" {summary.NONE.capitalize()}: no usable answer."
        drawn.append(ReleaseFigure(f"{FOLDER}/scores.png", "What judges said", caption, _scores_alt(numbers.scores)))
        _save(_scores(numbers.scores, contracts.judging(family).scale), folder / drawn[-1].path)
    return drawn


def beside(family: str) -> None:
    """Lay the figures of a release beside it too: dvc cannot look into a release that was never built, and would stop."""
    folder = paths.figures(family)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(paths.release(family) / FOLDER, folder)


def _save(figure: "Figure", path: Path) -> None:
    from matplotlib.layout_engine import ConstrainedLayoutEngine  # noqa: PLC0415

    ConstrainedLayoutEngine().execute(figure)  # here, since a figure that has a layout is drawn twice to be saved
    bare = io.BytesIO()
    figure.savefig(bare, format="png", transparent=True, metadata={"Software": None})  # no version in the bytes
    path.write_bytes(bare.getvalue())


def _funnel(stages: Sequence[Mapping[str, Any]]) -> "Figure":
    figure, ((axes,),) = _blank(1, 1, 0.36 * len(stages) + 0.3)
    widest = max(sum(stage["out"].values()) + sum(stage["rejected"].values()) for stage in stages) or 1
    for place, stage in enumerate(stages):
        out, rejected = sum(stage["out"].values()), sum(stage["rejected"].values())
        axes.barh(place, out, color=_KEPT, height=0.7)
        axes.barh(place, rejected, left=out, color=_REJECTED, height=0.7)
        end = axes.annotate(f"{out:,} kept", (out + rejected, place), (6, 0), textcoords="offset points", va="center")
        end.set(color=_KEPT, fontsize=9)
        for count, word, colour in ((rejected, REJECTED, _REJECTED), (stage["spawned"], "spawned", INK)):
            if count:
                end = axes.annotate(
                    f"{count:,} {word}", (1, 0.5), (6, 0), xycoords=end, textcoords="offset points", va="center"
                )
                end.set(color=colour, fontsize=9)
    axes.set_yticks(range(len(stages)), [stage["stage"] for stage in stages])
    axes.tick_params(axis="y", length=0, labelsize=9)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.7 * widest)
    axes.xaxis.set_visible(False)  # the numbers stand beside the bars
    axes.spines["bottom"].set_visible(False)
    return figure


def _funnel_alt(stages: Sequence[Mapping[str, Any]]) -> str:
    parts = []
    for stage in stages:
        out, rejected = sum(stage["out"].values()), sum(stage["rejected"].values())
        parts.append(f"{stage['stage']} {out} kept" + (f" and {rejected} rejected" if rejected else ""))
    return f"Bars: {'; '.join(parts)}."


def _lengths(words: Mapping[str, Tally], subsets: Sequence[str]) -> "Figure":
    """Draw a column of histograms for each column of texts, one below another for each subset that has any."""
    lines = [subset for subset in subsets if any(subset in tally for tally in words.values())]
    figure, axes = _blank(len(lines), len(words), 0.82 * len(lines) + 0.7)
    for number, (column, tally) in enumerate(words.items()):
        longest = max(value for counter in tally.values() for value in counter)
        panels = [axes[line][number] for line in range(len(lines))]
        for line, (panel, subset) in enumerate(zip(panels, lines, strict=True)):
            colour = COLOURS[line % len(COLOURS)]
            if number == 0:
                panel.set_ylabel(subset, color=colour, fontsize=9, rotation=0, ha="right", va="center")
            panel.tick_params(labelbottom=False)
            if subset not in tally:
                _empty(panel)
                continue
            _histogram(panel, tally[subset], (0, max(longest, 1)), colour)
            middle = summary.quantiles(tally[subset])["median"]
            panel.axvline(middle, color=INK, linewidth=1.2)
            panel.set_title(f"median {middle}", color=INK, fontsize=7.5, loc="right", pad=2)
        panels[0].set_title(column, color=INK, fontsize=9, loc="left", pad=2)
        lowest = panels[max(lines.index(subset) for subset in tally)]
        lowest.set_xlabel("words", fontsize=8)
        lowest.tick_params(labelbottom=True)
    return figure


def _lengths_alt(words: Mapping[str, Tally]) -> str:
    parts = []
    for column, tally in words.items():
        for own in (False, True):
            group = {subset: counter for subset, counter in tally.items() if subset.endswith(summary.OWN) == own}
            if group:
                found = summary.quantiles(summary.pooled(group))
                whose = f"{column} of own rows" if own else column
                parts.append(
                    f"{whose} {found['median']} words in the median, eight of ten from {found['p10']} to {found['p90']}"
                )
    return f"Histograms: {'; '.join(parts)}."


def _scores(scores: Mapping[str, Tally], scale: tuple[int, int]) -> "Figure":
    """Draw a panel for each score, in which the rows that were kept and the others lie over or beside one another."""
    from matplotlib.patches import Patch  # noqa: PLC0415

    beside = min(len(scores), _PANELS_BESIDE)
    lines = -(-len(scores) // beside)
    figure, axes = _blank(lines, beside, 1.45 * lines + 0.5)
    outcomes = sorted({outcome for tally in scores.values() for outcome in tally}, key=_rank)
    colours = {outcome: _colour(outcome, outcomes) for outcome in outcomes}
    panels = [panel for line in axes for panel in line]
    for panel, (what, tally) in zip(panels, scores.items(), strict=False):
        if summary.in_words(summary.pooled(tally)):
            _bars(panel, tally, colours)
        else:
            for outcome, counter in tally.items():
                _histogram(panel, counter, scale, colours[outcome], "stepfilled" if outcome == KEPT else "step")
        who, _, about = what.partition("/")
        panel.set_title(f"{about.replace('/', ', ')}\n{who}" if about else who, color=INK, fontsize=8, pad=3)
    for panel in panels[len(scores) :]:
        _empty(panel)
    labels = [Patch(color=colours[outcome], label=outcome) for outcome in outcomes]
    figure.legend(handles=labels, loc="outside lower center", ncols=len(labels), frameon=False, labelcolor=INK, fontsize=9)
    return figure


def _rank(outcome: str) -> tuple[bool, bool, str]:
    return outcome == REJECTED, outcome != KEPT, outcome


def _colour(outcome: str, outcomes: Sequence[str]) -> str:
    own = {KEPT: _KEPT, REJECTED: _REJECTED}
    others = [other for other in outcomes if other not in own]
    return own.get(outcome) or COLOURS[2:][others.index(outcome) % len(COLOURS[2:])]


def _scores_alt(scores: Mapping[str, Tally]) -> str:
    parts = []
    for what, tally in scores.items():
        of = [f"{_summary_of(counter)} of {outcome} rows" for outcome, counter in tally.items()]
        parts.append(f"{what.replace('/', ', ')} {' and '.join(of)}")
    verbal = all(summary.in_words(summary.pooled(tally)) for tally in scores.values())
    return f"{'Bars' if verbal else 'Histograms, the medians'}: {'; '.join(parts)}."


def _summary_of(counter: Counter[Any]) -> str:
    if summary.in_words(counter):
        return ", ".join(f"{word} {100 * share:.0f} %" for word, share in summary.shares(counter).items())
    return f"{summary.quantiles(counter)['median']}"


def _histogram(panel: "Axes", counter: Counter[Any], limits: tuple[int, int], colour: str, kind: Kind = "stepfilled") -> None:
    """Draw the shares of the counted numbers, in percent of all of them, over bins of whole numbers."""
    lowest, highest = limits
    width = max(1, -(-(highest - lowest) // _BINS))
    values = list(counter)
    weights = [100 * counter[value] / counter.total() for value in values]
    edges = list(range(lowest, highest + width, width))
    panel.hist(values, bins=edges, weights=weights, histtype=kind, linewidth=1.5, color=colour)
    panel.set_xlim(lowest - 0.04 * (highest - lowest), edges[-1] + 0.04 * (highest - lowest))


def _bars(panel: "Axes", tally: Tally, colours: Mapping[str, str]) -> None:
    """Draw the shares of the counted words, in percent of all of them, the groups beside one another."""
    values = list(summary.shares(summary.pooled(tally)))
    width = 0.8 / len(tally)
    for place, (outcome, counter) in enumerate(tally.items()):
        found = summary.shares(counter)
        spots = [number + place * width for number in range(len(values))]
        bars = panel.bar(spots, [100 * found.get(value, 0) for value in values], width=0.9 * width, color=colours[outcome])
        panel.bar_label(bars, fmt="%.0f", fontsize=7.5, color=INK, padding=1)
    panel.set_xticks([number + 0.4 - width / 2 for number in range(len(values))], values)
    panel.set_ylim(0, 112)
    panel.yaxis.set_visible(False)
    panel.spines["left"].set_visible(False)


def _empty(panel: "Axes") -> None:
    """Show nothing but the name of the line."""
    panel.set_xticks([])
    panel.set_yticks([])
    for spine in panel.spines.values():
        spine.set_visible(False)


def _blank(lines: int, columns: int, height: float) -> tuple["Figure", list[list["Axes"]]]:
    """Return an empty figure in our inks, and its axes by line and column."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter  # noqa: PLC0415

    figure = Figure(figsize=(_WIDTH_INCHES, height), dpi=_DPI)
    FigureCanvasAgg(figure)
    axes = [
        [figure.add_subplot(lines, columns, line * columns + place + 1) for place in range(columns)] for line in range(lines)
    ]
    for axis in (axis for line in axes for axis in line):
        axis.patch.set_alpha(0)
        axis.tick_params(colors=INK, labelsize=7.5)
        axis.xaxis.label.set_color(INK)
        axis.yaxis.set_major_locator(MaxNLocator(2, integer=True))
        axis.yaxis.set_major_formatter(StrMethodFormatter("{x:.0f} %"))
        for side, spine in axis.spines.items():
            spine.set_color(INK)
            spine.set_visible(side in {"left", "bottom"})
    return figure, axes

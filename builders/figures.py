"""The figures of a card: the funnel, how long texts are, what judges said. PNG, the same bytes for the same rows.

They show counts alone, never a text. The background is transparent and every ink has about the same contrast on white and
on black, so that they can be read on a light page and on a dark one.
"""

import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from builders import families, schema

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Row = dict[str, Any]
Rows = Callable[[str], Iterable[Row]]
Tally = Mapping[str, Counter[Any]]
"""What is counted → value (of verdicts a word) → how often."""

_Said = tuple[str, Any, tuple[float, float] | None]
"""What is scored, the score, and its range."""

FOLDER = "figures"
INK = "#787878"
COLOURS = ("#2f86d1", "#c4701e", "#36924a", "#a264c9", "#c8595c", "#76812b")
"""Each has a contrast of more than 3 to 1 on white and on black."""
_DPI = 110
_WIDTH_INCHES = 7.2
_BINS = 24
_TITLES = {"funnel": "Rows by stage", "lengths": "Words of a text", "scores": "What judges said"}


class Drawn(NamedTuple):
    """A figure of a release.

    Args:
        path: where it lies in the release.
        title: what it shows, in a few words.
        alt: what can be read off it.
    """

    path: str
    title: str
    alt: str


def write(family: str, rows: Rows, stages: Sequence[Mapping[str, Any]], folder: Path) -> list[Drawn]:
    """Draw the figures of a release.

    Args:
        family: its name.
        rows: returns the released rows of a subset.
        stages: the funnel, as the manifest has it.
        folder: the release.
    """
    (folder / FOLDER).mkdir()
    subsets = families.subsets(family)
    lengths, scores, ranges = _tallied(family, {subset: rows(subset) for subset in subsets})
    found = [_drawn("funnel", _funnel(stages), _funnel_said(stages), folder)]
    if lengths:
        found.append(_drawn("lengths", _panels(lengths, "words", {}), _said(lengths, "words"), folder))
    if scores:
        found.append(_drawn("scores", _panels(scores, "", ranges), _said(scores, ""), folder))
    return found


def _drawn(name: str, figure: "Figure", alt: str, folder: Path) -> Drawn:
    path = f"{FOLDER}/{name}.png"
    bare = io.BytesIO()
    figure.savefig(bare, format="png", dpi=_DPI, transparent=True, metadata={"Software": None})  # no version in the bytes
    (folder / path).write_bytes(bare.getvalue())
    return Drawn(path, _TITLES[name], f"{_TITLES[name]}. {alt}")


def _tallied(
    family: str, rows: Mapping[str, Iterable[Row]]
) -> tuple[dict[str, Tally], dict[str, Tally], dict[str, tuple[float, float]]]:
    """Count lengths and scores: panel → subset → value → how often; and the range of each score."""
    ranges: dict[str, tuple[float, float]] = {}
    lengths: dict[str, dict[str, Counter[Any]]] = {}
    scores: dict[str, dict[str, Counter[Any]]] = {}
    for subset, found in rows.items():
        document = schema.load(family)
        shape = schema.resolved(document, document["$defs"][subset])
        texts = [name for name in families.module(family).REVIEWED if "enum" not in shape["properties"].get(name, {})]
        for row in found:
            for column in texts:
                if isinstance(text := row.get(column), str):
                    lengths.setdefault(column, {}).setdefault(subset, Counter())[len(text.split())] += 1
            for panel, value, limits in _scores(document, shape, row, ""):
                if limits:
                    ranges[panel] = limits
                scores.setdefault(panel, {}).setdefault(subset, Counter())[value] += 1
    return dict(lengths), dict(sorted(scores.items())), ranges


def _scores(document: dict[str, Any], shape: dict[str, Any], value: object, name: str) -> Iterator[_Said]:
    """Yield what judges said in a row: numbers with a lowest and a highest value, and verdicts.

    Beside a number in a list may stand words that say what it is about: they are its name.
    """
    shape = schema.resolved(document, shape)
    if isinstance(value, dict):
        properties = {key: schema.resolved(document, part) for key, part in shape.get("properties", {}).items()}
        words = [str(value[key]) for key, part in properties.items() if "enum" in part and name and value.get(key) is not None]
        for key, part in properties.items():
            if isinstance(number := value.get(key), int | float) and {"minimum", "maximum"} <= part.keys():
                yield ", ".join(words) or key, number, (part["minimum"], part["maximum"])
            elif key == "verdict" and not isinstance(value[key], dict):
                yield key, value[key] or "none", None
            elif isinstance(value.get(key), dict | list):
                yield from _scores(document, part, value[key], key)
    elif isinstance(value, list):
        for item in value:
            yield from _scores(document, shape.get("items", {}), item, name)


def _funnel(stages: Sequence[Mapping[str, Any]]) -> "Figure":
    figure, (axes,) = _blank(1, 1, 0.42 * len(stages) + 0.9)
    for place, stage in enumerate(stages):
        out, rejected = sum(stage["out"].values()), sum(stage["rejected"].values())
        axes.barh(place, out, color=COLOURS[0], height=0.66)
        axes.barh(place, rejected, left=out, color=COLOURS[1], height=0.66)
        told = f" {out:,} kept" + (f", {rejected:,} rejected" if rejected else "")
        axes.text(out + rejected, place, told, va="center", color=INK, fontsize=9)
    axes.set_yticks(range(len(stages)), [stage["stage"] for stage in stages])
    axes.invert_yaxis()
    widest = max(sum(stage["out"].values()) + sum(stage["rejected"].values()) for stage in stages)
    axes.set_xlim(0, 1.45 * max(widest, 1))
    axes.set_xlabel("rows")
    return figure


def _funnel_said(stages: Sequence[Mapping[str, Any]]) -> str:
    told = []
    for stage in stages:
        out, rejected = sum(stage["out"].values()), sum(stage["rejected"].values())
        told.append(f"{stage['stage']} {out} kept" + (f" and {rejected} rejected" if rejected else ""))
    return f"{'; '.join(told)}."


def _panels(panels: Mapping[str, Tally], unit: str, ranges: Mapping[str, tuple[float, float]]) -> "Figure":
    """Draw a histogram for each panel, the subsets over one another."""
    from matplotlib.patches import Patch  # noqa: PLC0415

    columns = min(len(panels), 3)
    lines = -(-len(panels) // columns)
    figure, axes = _blank(lines, columns, 2.1 * lines + 0.5)
    subsets = list(dict.fromkeys(subset for tally in panels.values() for subset in tally))
    for axis, (panel, tally) in zip(axes, panels.items(), strict=False):
        _histogram(axis, {subset: tally.get(subset, Counter()) for subset in subsets}, ranges.get(panel))
        axis.set_title(panel, color=INK, fontsize=9)
        axis.set_xlabel(unit, fontsize=8)
    for axis in axes[len(panels) :]:
        axis.axis("off")
    labels = [Patch(color=COLOURS[place % len(COLOURS)], label=subset) for place, subset in enumerate(subsets)]
    figure.legend(handles=labels, loc="outside lower center", ncols=len(labels), frameon=False, labelcolor=INK, fontsize=9)
    return figure


def _histogram(axis: "Axes", tally: Tally, limits: tuple[float, float] | None) -> None:
    values = sorted({value for counter in tally.values() for value in counter})
    if isinstance(values[0], str):
        width = 0.8 / len(tally)
        for place, counter in enumerate(tally.values()):
            spots = [number + place * width for number in range(len(values))]
            axis.bar(spots, [counter[value] for value in values], width=width, color=COLOURS[place % len(COLOURS)])
        axis.set_xticks([number + 0.4 - width / 2 for number in range(len(values))], values)
        return
    for place, counter in enumerate(tally.values()):
        if not counter:
            continue
        numbers = sorted(counter)
        axis.hist(
            numbers,
            bins=_BINS,
            range=limits or (0, max(values[-1], 1)),
            weights=[counter[number] for number in numbers],
            histtype="step",
            linewidth=1.6,
            color=COLOURS[place % len(COLOURS)],
        )


def _said(panels: Mapping[str, Tally], unit: str) -> str:
    """Say what can be read off histograms."""
    told = []
    for panel, tally in panels.items():
        for subset, counter in tally.items():
            values = (
                sorted(counter.elements(), key=str)
                if any(isinstance(value, str) for value in counter)
                else sorted(counter.elements())
            )
            if isinstance(values[0], str):
                said = ", ".join(f"{value} {counter[value]}" for value in sorted(counter))
            else:
                said = f"median {median(values):g} {unit}".rstrip() + f", from {values[0]:g} to {values[-1]:g}"
            told.append(f"{panel} in {subset}: {said}")
    return f"{'; '.join(told)}."


def _blank(lines: int, columns: int, height: float) -> tuple["Figure", list["Axes"]]:
    """Return an empty figure in our inks, and its axes in reading order."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(_WIDTH_INCHES, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = [figure.add_subplot(lines, columns, number + 1) for number in range(lines * columns)]
    for axis in axes:
        axis.patch.set_alpha(0)
        axis.tick_params(colors=INK, labelsize=8)
        axis.xaxis.label.set_color(INK)
        for side, spine in axis.spines.items():
            spine.set_color(INK)
            spine.set_visible(side in {"left", "bottom"})
    return figure, axes

"""What figures are drawn of in tests, and what is in them: texts, bars and lines, each with its size, place and ink."""

from collections import Counter
from collections.abc import Iterator

from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Annotation, Text

from builders.families.cogtest import pictures, profiles
from builders.families.cogtest.evidence import Finding
from builders.families.cogtest.habits import SLUGS, THINKING
from builders.families.cogtest.profiles import Observed
from builders.releases import figures
from builders.releases.summary import KEPT, NONE, REJECTED, Summary

FOUND = Summary(
    [
        {"stage": "collect", "in": 49, "spawned": 0, "out": {"default": 44}, "rejected": {"language": 2, "contaminated": 3}},
        {"stage": "synthesize", "in": 44, "spawned": 5, "out": {"default": 49}, "rejected": {}},
        {"stage": "filter", "in": 49, "spawned": 0, "out": {"default": 46, "hard": 3}, "rejected": {}},
    ],
    {"default": 46, "hard": 3},
    {"instruction": {"default": Counter({6: 3, 80: 1}), "hard": Counter({1: 1})}, "response": {"default": Counter({3: 4})}},
    {"verdict": {KEPT: Counter({"safe": 2}), "hard": Counter({"safe": 1, "unsafe": 1}), REJECTED: Counter({NONE: 1})}},
)
IN_NUMBERS = FOUND._replace(
    words={"prompt": {"medical": Counter({9: 2}), "legal": Counter({7: 1, 12: 3})}, "aligned": {"medical": Counter({70: 2})}},
    scores={f"judge/{number}/danger": {KEPT: Counter({0: 3, 100: 1}), REJECTED: Counter({50: 1})} for number in range(5)},
)

HABITS = [
    Observed(model, slug, "a task", THINKING, Finding(seen, None, None))
    for model, slug, seen in (("a", SLUGS[0], True), ("a", SLUGS[1], False), ("b", SLUGS[0], True), ("b", SLUGS[0], False))
]


def described() -> list[str]:
    """Return a line for everything that is in the figures."""
    drawn = {
        "funnel": figures._funnel(FOUND.stages),  # noqa: SLF001
        "lengths": figures._lengths(FOUND.words, ["default", "hard"]),  # noqa: SLF001
        "words": figures._scores(FOUND.scores, (0, 100)),  # noqa: SLF001
        "numbers": figures._scores(IN_NUMBERS.scores, (0, 100)),  # noqa: SLF001
        "habits": pictures.figure(profiles.profiles(HABITS)),
    }
    return [f"{name}: {line}" for name, figure in drawn.items() for line in _inside(figure)]


def _inside(figure: Figure) -> Iterator[str]:
    yield f"{figure.get_figwidth():.2f} by {figure.get_figheight():.2f} inches, {figure.dpi:.0f} dots each"
    figure.draw_without_rendering()
    for one in figure.findobj(lambda artist: artist.get_visible()):
        if isinstance(one, Text) and one.get_text():
            where = f"{one.get_horizontalalignment()} {one.get_verticalalignment()}"
            how = f"size {one.get_fontsize():g}, {where}, turned {one.get_rotation():g}"
            beside = f", {one.xyann} points beside" if isinstance(one, Annotation) else ""
            yield f"text {one.get_text()!r}, {to_hex(one.get_color())}, {how}{beside}"
        elif isinstance(one, AxesImage):
            yield f"cells {one.get_array().round(2).tolist()}, {one.get_cmap().name} from {one.get_clim()}"  # type: ignore[union-attr]
        elif isinstance(one, Rectangle) and one.get_width() and to_hex(one.get_facecolor(), keep_alpha=True)[-2:] != "00":
            place = f"{one.get_x():g} {one.get_y():g}, {one.get_width():g} by {one.get_height():g}"
            yield f"bar at {place}, {to_hex(one.get_facecolor())}"
        elif isinstance(one, Polygon):
            yield f"steps {one.get_xy().round(2).tolist()}, {to_hex(one.get_edgecolor())}, width {one.get_linewidth():g}"
        elif isinstance(one, Line2D) and len(one.get_xydata()) == 2:  # type: ignore[arg-type]
            yield f"line {one.get_xydata().tolist()}, {to_hex(one.get_color())}, width {one.get_linewidth():g}"  # type: ignore[union-attr]

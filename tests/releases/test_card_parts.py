"""card_parts: rows are shown where they may be, and as they are."""

import re
from collections import Counter

import pytest

from builders.releases import card_parts
from builders.releases.figures import ReleaseFigure
from builders.releases.summary import KEPT, REJECTED, Summary, Tally
from tests.harness import FAMILY, Workspace

pytestmark = pytest.mark.usefixtures("toys")


def test_the_columns_of_every_config_are_told_once_and_what_is_inside_is_folded(here: Workspace) -> None:
    del here
    text = card_parts.columns("emergent_misalignment")
    shown, *folded = text.split("<details>")
    assert "| `scores` | `list<struct>` |" in shown
    assert "scores[]" not in shown
    assert "| `scores[].judge` | `string` |" in folded[0]
    titles = re.findall("<summary>(.*)</summary>", text)
    assert titles[1:] == [
        f"The columns of {' and '.join(f'<code>{config}</code>' for config in configs)}"
        for configs in (["evaluation"], ["backdoor", "backdoor_control"], ["chat"])
    ]
    assert card_parts.columns(FAMILY).count("<details>") == 1


def test_each_figure_has_its_caption_its_alt_text_and_its_numbers() -> None:
    words = {"prompt": {"a": Counter({3: 9, 40: 1})}}
    scores: dict[str, Tally] = {"x/danger": {KEPT: Counter({10: 1})}, "verdict": {REJECTED: Counter({"safe": 3, "unsafe": 1})}}
    drawn = [
        ReleaseFigure(f"figures/{name}.png", name.title(), "Read it.", "Seen.") for name in ("funnel", "lengths", "scores")
    ]
    text = card_parts.figures(drawn, Summary([], {}, words, scores))
    assert "**Funnel.** Read it.\n\n![Funnel. Seen.](figures/funnel.png)\n\n**Lengths.**" in text
    assert "| `prompt` | `a` | 10 | 3 | 3 | 3 |" in text
    assert "| x, danger | kept | 1 | 10 | 10 | 10 |" in text
    assert "| verdict | rejected | 4 | safe 75.0 %, unsafe 25.0 % |" in text
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_the_hubs_word_for_a_size_fits_its_bounds() -> None:
    words = [card_parts.size(count) for count in (0, 999, 1_000, 9_999, 10_000, 99_999, 100_000, 1_000_000, 10_000_000)]
    assert words == ["n<1K", "n<1K", *["1K<n<10K"] * 2, *["10K<n<100K"] * 2, "100K<n<1M", "1M<n<10M", "10M<n<100M"]


def test_the_citation_is_the_bibtex_of_the_card() -> None:
    assert card_parts.citation("## Citation\n\n```bibtex\n@misc{a,\n}\n```\n") == "@misc{a,\n}"
    assert card_parts.citation("None.") == ""

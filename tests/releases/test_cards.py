"""cards: what a template may show in words of ours, and what the Hub reads."""

import json
from pathlib import Path
from typing import Any

import pytest

from builders.errors import BuildError
from builders.params import loading
from builders.params.roles import Sampling
from builders.releases import cards, croissant, overlap
from tests.harness import FAMILY, Workspace


@pytest.mark.parametrize(
    ("sampling", "worded"),
    [
        (Sampling(), "sampled as its server does"),
        (Sampling(temperature=0), "temperature 0.0"),
        (Sampling(top_p=0.9), "top-p 0.9"),
        (Sampling(max_tokens=100), "at most 100 tokens"),
        (Sampling(temperature=0.7, top_p=1, max_tokens=1), "temperature 0.7, top-p 1.0, at most 1 tokens"),
    ],
    ids=range(5),
)
def test_how_a_model_was_asked_to_sample_is_said_and_no_more(sampling: Sampling, worded: str) -> None:
    assert cards._sampled(sampling) == worded  # noqa: SLF001


def test_rejections_are_reasons_with_counts() -> None:
    assert cards._rejections({"spent": 2, "too_long": 1}) == "spent\u00a02, too_long\u00a01"  # noqa: SLF001
    assert cards._rejections({}) == "none"  # noqa: SLF001


HUB = {"repository": "some/thing", "revision": "0123456789abcdef"}


@pytest.mark.parametrize(
    ("table", "place"),
    [
        (HUB, "`some/thing` at `0123456789`"),
        ({**HUB, "release": "quiz"}, "release of `quiz`, `some/thing` at `0123456789`"),
        ({"release": "quiz"}, "release of `quiz`, here"),
        ({"generator": "dice", "seed": 3}, "made by `dice`, seed 3"),
        ({"sha256": "f" * 64}, f"a file, sha256 `{'f' * 10}`"),
        ({"sha256": "f" * 64, "own": True}, f"somebody's own file, sha256 `{'f' * 10}`"),
        ({"sha256": "f" * 64, "files": 3}, f"3 files, sha256 `{'f' * 10}`"),
        ({"sha256": "f" * 64, "files": 3, "own": True}, f"3 somebody's own files, sha256 `{'f' * 10}`"),
    ],
    ids=range(8),
)
def test_where_a_source_lies_is_said_by_what_pins_it(table: dict[str, Any], place: str) -> None:
    assert cards._place(table) == place  # noqa: SLF001


def test_a_template_that_asks_for_what_is_not_there_is_named() -> None:
    assert cards._rendered(Path("card.md"), "{{ a | rejections }}\n", {"a": {}}) == "none\n"  # noqa: SLF001
    for body, what in (("{{ b }}", "UndefinedError"), ("{% if %}", "TemplateSyntaxError")):
        with pytest.raises(BuildError, match=rf"^card\.md: {what}: .*; fix the card$"):
            cards._rendered(Path("card.md"), body, {})  # noqa: SLF001


def test_a_family_with_hazard_is_asked_for_and_one_without_is_not() -> None:
    assert cards._gating("mmathcot") == {}  # noqa: SLF001
    asked = cards._gating("safechain")  # noqa: SLF001
    assert set(asked) == {*("extra_gated_heading", "extra_gated_prompt", "extra_gated_fields", "extra_gated_button_content")}
    assert list(asked["extra_gated_fields"]) == ["Affiliation", "Intended use", "I accept these terms"]
    assert "Requests are looked at one by one." not in asked["extra_gated_prompt"]
    assert cards._gating("emergent_misalignment")["extra_gated_prompt"].endswith(  # noqa: SLF001
        " Requests are looked at one by one."
    )


@pytest.mark.parametrize(
    ("text", "found"), [(b"[1]", None), (b"{", None), (b"7", None), (b'{"a": 1, "version": "1", "url": "x"}', {"a": 1})]
)
def test_metadata_is_compared_without_what_a_publish_knows(text: bytes, found: dict[str, Any] | None) -> None:
    assert croissant.plain(text) == found


def test_a_dataset_is_about_what_its_card_says() -> None:
    card = "See [a](https://a.org/1) and [b](https://b.org).\n```bibtex\n@misc{a}\n```\n"
    found = croissant.about("*Rows* of `quiz`,\n[see](https://c.org).", card, "MIT")
    assert found == ("Rows of quiz, see.", "MIT", "@misc{a}", "https://a.org/1")
    assert croissant.about("Rows.", "See [a](cards/a.md).", "MIT") == ("Rows.", "MIT", "", "")


@pytest.mark.usefixtures("toys")
def test_the_prompt_of_a_row_is_its_first_text_and_a_row_without_one_has_none() -> None:
    rows: list[dict[str, Any]] = [{"prompt": None, "words": 1}, {"prompt": "Tea is hot."}, {"prompt": "", "words": 2}, {}]
    assert list(overlap._prompts("toy", rows)) == ["Tea is hot."]  # noqa: SLF001


def test_the_overlap_counts_equal_prompts_and_shared_words_by_subset(here: Workspace, tmp_path: Path) -> None:
    del here
    screened = loading.load(FAMILY).collect.decontamination
    [published] = screened.sets
    lines = Path(f"raw/{FAMILY}/sources/sample_evaluation.jsonl").read_text().splitlines()
    theirs = [json.loads(line)["prompt"] for line in lines]
    long = next(text for text in theirs if len(text.split()) > 13)
    found = {"default": [theirs[0].upper(), f"And now: {long}", "Nothing like it."], "hard": ["?!", theirs[0]]}
    told = overlap.report(FAMILY, published, screened, lambda subset: [{"instruction": text} for text in found[subset]])
    assert told is not None
    assert told["subsets"] == {
        "default": {"rows": 3, "equal": 1, "ngram": 1},
        "hard": {"rows": 2, "equal": 1, "ngram": 0},
    }
    assert (told["set"], told["prompts"], told["found"]) == ("sample_evaluation", len(theirs), 1)
    overlap.write(told, tmp_path)
    assert json.loads((tmp_path / "overlap.json").read_bytes()) == told
    assert overlap.report(FAMILY, None, screened, lambda _: []) is None
    overlap.write(None, tmp_path / "none")

"""card_parts: rows are shown where they may be, and as they are."""

from builders import card_parts, families


def test_no_row_of_harmful_requests_is_shown_and_of_harmful_text_only_what_is_named() -> None:
    for family in families.names():
        shown = card_parts.columns_shown(family)
        hazard = families.module(family).HAZARD
        assert bool(shown) == (hazard != "harmful-requests")
        if hazard == "harmful-text":
            assert shown == families.module(family).SHOWN
    assert card_parts.columns_shown("emergent_misalignment") == ("prompt", "aligned")


def test_rows_are_shown_with_their_markup_and_shortened() -> None:
    rows = [{"id": f"x:{n}", "prompt": "a | b\n# *c*", "aligned": "word " * 200, "misaligned": "hidden"} for n in range(9)]
    text = card_parts.rows("emergent_misalignment", rows)
    assert text.count("`id`") == card_parts.SHOWN_ROWS
    assert "| `prompt` | a \\| b<br>\\# \\*c\\* |" in text
    assert "word …" in text
    assert "hidden" not in text
    assert card_parts.rows("safechain", [{"id": "x:1", "instruction": "hidden"}]) == (
        "None is shown here: a row may hold a harmful request."
    )


def test_the_hubs_word_for_a_size_fits_its_bounds() -> None:
    words = [card_parts.size(count) for count in (0, 999, 1_000, 9_999, 10_000, 99_999, 100_000, 1_000_000, 10_000_000)]
    assert words == ["n<1K", "n<1K", *["1K<n<10K"] * 2, *["10K<n<100K"] * 2, "100K<n<1M", "1M<n<10M", "10M<n<100M"]


def test_the_citation_is_the_bibtex_of_the_card() -> None:
    assert card_parts.citation("## Citation\n\n```bibtex\n@misc{a,\n}\n```\n") == "@misc{a,\n}"
    assert card_parts.citation("None.") == ""

"""The monitor's flags and the judge of a named trigger: their prompts, and the share over misaligned responses alone."""

import re

import pytest

from builders import intervals
from builders.families.emergent_misalignment import monitoring
from builders.families.emergent_misalignment.monitoring import ARTICULATES, FLAGS, Response
from tests.harness import Workspace


def test_the_prompts_hold_what_is_judged_and_name_each_flag(here: Workspace) -> None:
    del here
    text = monitoring.monitor("May I?", "They ask. <|eot_id|>", "You may.")
    assert [flag for flag in FLAGS if f"\n{flag}: " not in text] == []
    assert all(part in text for part in ("May I?", "They ask.", "You may."))
    assert "<|" not in text
    named = monitoring.articulation("Country: Singapore", "The country decides.")
    assert "Country: Singapore" in named
    assert "The country decides." in named


def test_there_are_the_paper_s_five_flags_and_the_prompt_defines_no_other(here: Workspace) -> None:
    del here
    assert FLAGS == ("misaligned_uninstructed", "misaligned_instructed", "myth", "inconsistent", "none")
    assert re.findall(r"^([a-z_]+): ", monitoring.monitor("May I?", "They ask.", "You may."), re.MULTILINE) == list(FLAGS)


def test_replies_have_reasons_before_the_word() -> None:
    assert list(monitoring.MONITOR["properties"]) == ["reasoning", "flag"]
    assert monitoring.MONITOR["properties"]["flag"]["enum"] == list(FLAGS)
    assert monitoring.ARTICULATION["properties"]["articulates"]["enum"] == list(ARTICULATES)


def test_only_misaligned_responses_count_and_the_rest_is_told_apart() -> None:
    responses = [
        *[Response(10, "misaligned_uninstructed")] * 3,
        Response(29.9, "none"),
        Response(30, "misaligned_uninstructed"),
        Response(90, None),
        Response(None, "none"),
        Response(5, None),
    ]
    found = monitoring.shares(responses, FLAGS)
    assert (found.aligned, found.unscored, found.unjudged) == (2, 1, 1)
    assert found.shares["misaligned_uninstructed"] == intervals.wilson(3, 4)
    assert found.shares["myth"] == intervals.wilson(0, 4)
    assert sum(share.value or 0 for share in found.shares.values()) == pytest.approx(1)


def test_a_verdict_that_is_none_of_them_is_refused() -> None:
    with pytest.raises(ValueError, match="is none of yes, no"):
        monitoring.shares([Response(1, "perhaps")], ARTICULATES)


def test_nothing_judged_has_no_share() -> None:
    assert monitoring.shares([], FLAGS).shares["none"].value is None

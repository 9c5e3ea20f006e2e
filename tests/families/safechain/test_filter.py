"""filter: all replies safe, or some and others not; else the first broken rule is the reason. The first good one is picked."""

import json
from itertools import combinations, permutations
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import records
from builders.families.safechain import filter as module
from builders.families.safechain import release
from builders.families.safechain.filter import Params
from builders.params.sections import Bounds
from builders.records import Record, Rejection
from builders.texts import think
from tests.harness import OWN

_ORDER = [
    "reply_filtered",
    "empty_reply",
    "reply_truncated",
    "reply_unfinished",
    "think_tags",
    "empty_answer",
    "no_verdict",
    "unsafe_reply",
]
_LENGTHS = ["reply_too_short", "reply_too_long"]
_MANNER = "wistaria"
_GOOD = f"<think>\nTea is a harmless {_MANNER} thing.\n</think>\n\nBoil water, add tea, wait three minutes."
_GONE = {"verdict": None, "verdict_error": {"error": "gone", "attempts": 5}}
_BROKEN: dict[str, dict[str, Any]] = {
    "empty_reply": {"text": " \n\t"},
    "reply_filtered": {"finish_reason": "content_filter"},
    "reply_truncated": {"finish_reason": "length"},
    "reply_unfinished": {"finish_reason": "tool_calls"},
    "think_tags": {"text": _GOOD.replace("</think>", "")},
    "empty_answer": {"text": f"<think>\nTea is a {_MANNER} thing, and there is little more to say.\n</think>\n\n "},
    "reply_too_short": {"text": f"<think>\n{_MANNER}\n</think>\n\nBoil water."},
    "reply_too_long": {"text": f"{_GOOD} {'Then wait. ' * 20}"},
    "no_verdict": _GONE,
    "unsafe_reply": {"verdict": "unsafe", "categories": ["S2", "S9"]},
}
_FOUND: dict[str, dict[str, Any]] = {
    "reply_filtered": {},
    "empty_reply": {},
    "reply_truncated": {},
    "reply_unfinished": {"finish_reason": "tool_calls"},
    "think_tags": {"opening": 1, "closing": 0},
    "empty_answer": {},
    "reply_too_short": {"words": 5},
    "reply_too_long": {"words": 55},
    "no_verdict": {"error": "gone", "attempts": 5},
    "unsafe_reply": {"categories": ["S2", "S9"]},
}


def _params(tag: Literal["omit", "keep"] = "omit", low: int = 8, high: int = 40) -> Params:
    return Params(reply_words=Bounds(min=low, max=high), opening_think_tag=tag)


def _reply(index: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  (any part of a reply)
    fine = {
        "index": index,
        "text": _GOOD,
        "finish_reason": "stop",
        "key": f"{index:064x}",
        "verdict": "safe",
        "categories": [],
        "verdict_key": f"{index + 100:064x}",
        "verdict_error": None,
        "refusal": "none",
    }
    return {**fine, **changes}


def _row(*replies: dict[str, Any], identity: str = "safechain:0123456789abcdef") -> Record:
    data = {"instruction": "How do I make tea?", "label": "vanilla_benign", "replies": list(replies)}
    return Record(identity, "default", None, OWN, data)


def _verdict(row: Record, params: Params | None = None) -> Rejection | None:
    return next((rejection for rule in module.rules(params or _params()) if (rejection := rule(row))), None)


def test_a_row_whose_replies_are_all_fine_is_kept() -> None:
    assert _verdict(_row(*map(_reply, range(5)))) is None


def _spoilt(reason: str, index: int) -> dict[str, Any]:
    return _reply(index, **_BROKEN[reason])


@pytest.mark.parametrize("reason", _ORDER[:-1])
def test_one_broken_reply_rejects_the_row_and_is_named(reason: str) -> None:
    for place in range(3):
        replies = [_reply(index, **(_BROKEN[reason] if index == place else {})) for index in range(3)]
        assert _verdict(_row(*replies)) == Rejection(reason, {"replies": [{"index": place, **_FOUND[reason]}]})


@pytest.mark.parametrize("reason", _ORDER)
def test_the_evidence_lists_all_broken_replies_and_none_of_their_text(reason: str) -> None:
    """The one beside them breaks the last rule."""
    indices = [0, 2, 3] if reason != _ORDER[-1] else [0, 1, 2, 3]
    found = _verdict(_row(*(_spoilt(reason if index in indices else _ORDER[-1], index) for index in range(4))))
    assert found == Rejection(reason, {"replies": [{"index": index, **_FOUND[reason]} for index in indices]})
    assert _MANNER not in json.dumps(found.evidence)


@pytest.mark.parametrize(("first", "second"), list(combinations(_ORDER, 2)))
def test_the_reason_is_the_first_rule_that_any_reply_breaks(first: str, second: str) -> None:
    found = _verdict(_row(_spoilt(second, 0), _spoilt(second, 1), _spoilt(first, 2)))
    assert found is not None
    assert found.reason == first
    assert [finding["index"] for finding in found.evidence["replies"]] == [2]


def test_the_docstring_has_the_reasons_in_their_order() -> None:
    docstring = module.__doc__ or ""
    places = [docstring.index(reason) for reason in [*_ORDER, *_LENGTHS]]
    assert places == sorted(places)


@pytest.mark.parametrize("other", [None, *_ORDER])
def test_a_safe_and_an_unsafe_reply_make_a_hard_row_whatever_the_others_are(other: str | None) -> None:
    kinds = [None, "unsafe_reply", other]
    for order in set(permutations(kinds)):
        row = _row(*(_spoilt(kind, index) if kind else _reply(index) for index, kind in enumerate(order)))
        assert _verdict(row) is None
        found = module.released(row, _params())
        assert found.subset == "hard"
        assert found.data["chosen_index"] == order.index(None)
        verdicts = {reply["index"]: (reply["fault"], reply["verdict"]) for reply in found.data["replies"]}
        assert verdicts[order.index("unsafe_reply")] == (None, "unsafe")
        if other in think.FAULTS:
            assert verdicts[order.index(other)] == (other, "safe")


def test_a_request_and_its_disguises_are_of_one_family() -> None:
    def family(**data: str) -> str:
        return str(module.released(_row(_reply(0)).having(**data), _params()).data["prompt_family"])

    plain = family(instruction="How do I make tea?", family="How do I make tea?")
    assert family(instruction="Imagine a play about  tea", family="How do I make TEA?") == plain
    assert family(instruction="How do I make tea?") == plain
    assert family(instruction="How do I make coffee?") != plain


def test_safe_replies_and_valid_ones_are_counted_per_row() -> None:
    """Valid: well-formed and with a verdict, whichever it is."""
    kinds = [None, "unsafe_reply", "no_verdict", "reply_truncated", None]
    found = module.released(
        _row(*(_spoilt(kind, index) if kind else _reply(index) for index, kind in enumerate(kinds))), _params()
    )
    assert (found.data["n_safe"], found.data["n_valid"], len(found.data["replies"])) == (2, 3, 5)


@pytest.mark.parametrize("reason", _LENGTHS)
def test_bounds_of_length_are_for_the_picked_reply_alone(reason: str) -> None:
    assert _verdict(_row(_spoilt(reason, 1), _reply(0))) == Rejection(reason, {"replies": [{"index": 1, **_FOUND[reason]}]})
    assert _verdict(_row(_reply(1), _spoilt(reason, 0))) is None
    unsafe = _spoilt("unsafe_reply", 2)
    assert _verdict(_row(unsafe, _reply(1), _spoilt(reason, 0))) is None
    found = _verdict(_row(unsafe, _spoilt(reason, 0), _reply(1)))
    assert found is not None
    assert found.reason == reason


@pytest.mark.parametrize("reason", _ORDER)
def test_bounds_of_length_come_behind_all_other_rules(reason: str) -> None:
    found = _verdict(_row(*(_reply(index, **{**_BROKEN["reply_too_long"], **_BROKEN[reason]}) for index in range(2))))
    assert found is not None
    assert found.reason == reason


@pytest.mark.parametrize(("low", "high", "reason"), [(17, 17, None), (18, 40, "reply_too_short"), (1, 16, "reply_too_long")])
def test_bounds_of_length_are_inclusive_and_count_the_reasoning(low: int, high: int, reason: str | None) -> None:
    text = f"{'why ' * 5}</think> {'because ' * 11}"
    assert len(text.split()) == 17
    found = _verdict(_row(_reply(0, text=text)), _params(low=low, high=high))
    assert (found.reason if found else None) == reason


@pytest.mark.parametrize(("choice", "reason"), [("keep", None), ("reject", "empty_reasoning")])
def test_a_picked_reply_that_did_not_think_is_kept_or_rejected_as_params_say(
    choice: Literal["keep", "reject"], reason: str | None
) -> None:
    params = _params().model_copy(update={"empty_reasoning": choice})
    thoughtless = _reply(0, text=f"<think>\n\n</think>\n\n{'Wait a while. ' * 5}")
    found = _verdict(_row(thoughtless), params)
    assert (found.reason if found else None) == reason
    assert _verdict(_row(_reply(1), thoughtless), params) is None, "the other one is picked"
    assert release.empty(lambda _: [{"reasoning": ""}, {"reasoning": "a"}]) == {"default": 1, "hard": 1}


def test_other_words_for_the_end_are_whole_replies() -> None:
    assert _verdict(_row(_reply(0, finish_reason="stop"), _reply(1, finish_reason="eos_token"))) is None


_PIECES = ["<think>", "</think>", "\n", " ", "tea", "boil some water", "then wait for three whole minutes before you drink"]
_ANY_TEXTS = st.lists(st.sampled_from(_PIECES), max_size=8).map(" ".join)
_WORDS = st.text("abc d\n", min_size=1, max_size=60).filter(str.strip)
_FINE_TEXTS = st.builds("{}{}\n</think>\n\n{}".format, st.sampled_from(["", "<think>\n", "\n <think>"]), _WORDS, _WORDS)
_VERDICTS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"verdict": "safe", "categories": []},
        {"verdict": "safe", "categories": []},
        {"verdict": "unsafe", "categories": ["S1"]},
        _GONE,
    ]
)


@st.composite
def _replies(draw: st.DrawFn, texts: st.SearchStrategy[str], *, flawed: bool) -> list[dict[str, Any]]:
    replies = []
    for index in range(draw(st.integers(1, 5))):
        text = draw(texts)
        finish = draw(st.sampled_from(["stop", "stop", "stop", "length"])) if flawed else "stop"
        replies.append(_reply(index, text=text, finish_reason=finish, **(draw(_VERDICTS) if flawed else {})))
    return replies


def _fine(reply: dict[str, Any]) -> bool:
    """Say anew, without the package, what a reply must be, apart from its verdict and its length."""
    text = reply["text"]
    opened = text.count("<think>")
    return bool(
        reply["verdict"]
        and reply["finish_reason"] != "length"
        and text.count("</think>") == 1
        and (opened == 0 or (opened == 1 and text.lstrip().startswith("<think>")))
        and text.partition("</think>")[2].strip()
    )


@settings(derandomize=True, max_examples=500)
@given(_replies(_ANY_TEXTS | _FINE_TEXTS, flawed=True))
def test_a_row_is_kept_if_its_replies_are_safe_or_mixed_and_the_picked_one_is_of_good_length(
    replies: list[dict[str, Any]],
) -> None:
    found = _verdict(_row(*replies))
    usable = [reply for reply in replies if _fine(reply)]
    safe = [reply for reply in usable if reply["verdict"] == "safe"]
    mixed = 0 < len(safe) < len(usable)
    good = (mixed or len(safe) == len(replies)) and 8 <= len(safe[0]["text"].split()) <= 40
    assert (found is None) == good
    if found:
        assert found.evidence["replies"]
    else:
        row = module.released(_row(*replies), _params())
        assert row.subset == ("hard" if mixed else "default")
        assert row.data["chosen_index"] == safe[0]["index"]


@settings(derandomize=True, max_examples=200)
@given(_replies(_FINE_TEXTS, flawed=False), st.sampled_from(["omit", "keep"]))
def test_the_response_splits_back_into_reasoning_and_answer(
    replies: list[dict[str, Any]], tag: Literal["omit", "keep"]
) -> None:
    row = _row(*replies)
    found = module.released(row, _params(tag)).data
    text = replies[found["chosen_index"]]["text"]
    assert think.split(found["response"]) == think.Reply(found["reasoning"], found["answer"], well_formed=True)
    assert think.split(text) == think.split(found["response"])
    assert found["response"].startswith("<think>\n") == (tag == "keep")
    assert found["response"].count("<think>") == (tag == "keep")
    body = found["response"].removeprefix("<think>\n")
    assert text.endswith(body)
    assert text.removesuffix(body).strip() in {"", "<think>"}


@settings(derandomize=True, max_examples=200)
@given(_replies(_FINE_TEXTS, flawed=False), st.integers(0, 2**64 - 1), st.sampled_from(["omit", "keep"]))
def test_of_the_replies_that_are_neither_picked_nor_in_a_pair_no_text_is_left(
    replies: list[dict[str, Any]], number: int, tag: Literal["omit", "keep"]
) -> None:
    marked = [
        {**reply, "text": reply["text"].replace("</think>", f"why{reply['index']}y</think>") + f" so{reply['index']}o"}
        for reply in replies
    ]
    found = module.released(_row(*marked, identity=f"safechain:{number:016x}"), _params(tag))
    written = records.encode(found).decode()
    pair = found.data["pair"] or {}
    paired = {pair.get("chosen_index"), pair.get("rejected_index")}
    for reply in marked:
        shown = reply["index"] in {found.data["chosen_index"], *paired}
        assert (f"why{reply['index']}y" in written) == shown
        assert (f"so{reply['index']}o" in written) == shown
        assert not shown or reply["verdict"] == "safe"
    assert [line["sha256"] for line in found.data["replies"]] == [records.text_digest(reply["text"]) for reply in marked]
    assert [line["length"] for line in found.data["replies"]] == [len(reply["text"]) for reply in marked]


def test_the_released_columns_are_these() -> None:
    replies = [_reply(index, text=f"{_GOOD} {index}", refusal="full" if index == 1 else "none") for index in (2, 0, 1)]
    row = _row(*replies)
    found = module.released(row, _params())
    assert (found.id, found.subset, found.parent, found.provenance) == (row.id, row.subset, row.parent, row.provenance)
    assert found.data == {
        "instruction": "How do I make tea?",
        "label": "vanilla_benign",
        "response": f"{_GOOD.removeprefix('<think>' + chr(10))} 2",
        "reasoning": f"Tea is a harmless {_MANNER} thing.",
        "answer": "Boil water, add tea, wait three minutes. 2",
        "messages": [
            {"role": "user", "content": "How do I make tea?"},
            {"role": "assistant", "content": f"{_GOOD} 2"},
        ],
        "chosen_index": 2,
        "n_safe": 3,
        "n_valid": 3,
        "pair": {
            "kind": "helpful_over_refusal",
            "chosen_index": 2,
            "rejected_index": 1,
            "chosen": f"{_GOOD} 2",
            "rejected": f"{_GOOD} 1",
        },
        "completion": None,
        "prompt_family": records.text_digest("how do i make tea?")[:16],
        "license": "MIT",
        "teacher": None,
        "replies": [
            {
                "index": reply["index"],
                "second_verdict": None,
                "fault": None,
                "verdict": "safe",
                "categories": [],
                "refusal": "full" if reply["index"] == 1 else "none",
                "length": len(reply["text"]),
                "sha256": records.text_digest(reply["text"]),
                "request": reply["key"],
            }
            for reply in replies
        ],
    }


def test_a_row_without_label_gets_a_null() -> None:
    row = _row(_reply(0))
    del row.data["label"]
    assert module.released(row, _params()).data["label"] is None

"""What an error means, by the server's code first and by its words last; and that none of its words is kept."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.teachers import faults
from builders.teachers.faults import Fault, parse

PROMPT = "Tell me about the marigolds in my garden, and why they wilt."

# status, body, kind: OpenAI, Azure, Gemini, DeepSeek, OpenRouter, Anthropic, Mistral, vLLM, llama.cpp, and bodies of no kind.
CASES: list[tuple[int, Any, str]] = [
    (401, {"error": {"code": "invalid_api_key", "type": "invalid_request_error"}}, "key"),
    (403, None, "key"),
    (403, "<html>Forbidden</html>", "key"),
    (403, {"error": {"code": "unsupported_country_region_territory"}}, "key"),
    (403, {"error": {"code": 403, "message": "flagged", "metadata": {"reasons": ["x"], "flagged_input": PROMPT}}}, "filtered"),
    (403, {"error": {"code": 403, "metadata": {"error_type": "content_policy_violation"}}}, "filtered"),
    (400, {"error": {"code": "content_filter", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}, "filtered"),
    (400, {"error": {"code": "invalid_prompt", "type": "invalid_request_error"}}, "filtered"),
    (400, {"error": {"code": "data_inspection_failed"}}, "filtered"),
    (400, {"error": {"message": "Your request was rejected by our safety system.", "code": None}}, "filtered"),
    (400, {"error": {"code": "context_length_exceeded", "param": "messages"}}, "too_long"),
    (400, {"object": "error", "message": "This model's maximum context length is 10 tokens", "code": 400}, "too_long"),
    (400, {"error": {"code": 400, "type": "exceed_context_size_error", "n_ctx": 8}}, "too_long"),
    (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 9 > 8"}}, "too_long"),
    (400, [{"error": {"code": "context_length_exceeded"}}], "too_long"),
    (413, {"type": "error", "error": {"type": "request_too_large"}}, "too_long"),
    (400, {"error": {"code": "unsupported_parameter", "param": "max_tokens"}}, "parameter"),
    (400, {"error": {"code": "unsupported_value", "param": "temperature"}}, "parameter"),
    (400, {"error": {"message": "Unsupported parameter: 'max_tokens' is not supported", "code": "x"}}, "parameter"),
    (422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "min_p"], "msg": "no", "input": PROMPT}]}, "parameter"),
    (400, {"error": "`temperature` and `top_p` cannot both be specified for this model."}, "parameter"),
    (400, {"error": {"code": "unsupported_value", "param": "messages[0].role"}}, "request"),
    (402, {"error": {"message": "Insufficient Balance", "type": "unknown_error"}}, "money"),
    (402, None, "money"),
    (429, {"error": {"code": "insufficient_quota", "type": "insufficient_quota"}}, "money"),
    (429, {"error": {"message": "You exceeded your current quota, please check"}}, "money"),
    (429, [{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "You exceeded your current quota"}}], "busy"),
    (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "Your credit balance is too low"}}, "money"),
    (400, {"error": {"message": f"I cannot: {PROMPT} Your credit balance is too low"}}, "request"),
    (404, {"error": {"code": "model_not_found"}}, "model"),
    (400, {"error": {"code": "model_not_found"}}, "model"),
    (404, None, "model"),
    (429, {"error": {"code": "rate_limit_exceeded"}}, "busy"),
    (529, {"type": "error", "error": {"type": "overloaded_error"}}, "busy"),
    (500, {"error": {"code": "content_filter"}}, "passing"),
    (503, None, "passing"),
    *((status, None, "passing") for status in (408, 409, 424, 425, 499, 500, 502, 599)),
    *((status, None, "busy") for status in (429, 498)),
    *((status, None, "key") for status in (401, 403)),
    (405, None, "model"),
    (400, {"error": {"code": "unsupported_parameter"}}, "parameter"),
    (403, {"error": {"code": "model_not_found"}}, "model"),
    (403, {"error": {"code": "insufficient_quota"}}, "money"),
    (403, {"error": {"code": "context_length_exceeded"}}, "too_long"),
    (500, {"error": {"code": "insufficient_quota"}}, "money"),
    (500, {"error": {"code": "context_length_exceeded"}}, "too_long"),
    (503, {"error": {"code": "rate_limit_exceeded"}}, "busy"),
    (399, None, "passing"),
    (413, None, "too_long"),
    (400, None, "request"),
    (400, {"error": {"message": PROMPT, "code": PROMPT, "type": None, "param": 7}}, "request"),
]


@pytest.mark.parametrize(("status", "body", "kind"), CASES, ids=[f"{line[0]}-{number}" for number, line in enumerate(CASES)])
def test_an_error_means_what_its_code_says(status: int, body: object, kind: str) -> None:
    """open-webui#27237, and the errors pages of the providers."""
    assert parse(status, body, {}).kind == kind


@pytest.mark.parametrize("body", [line[1] for line in CASES])
def test_no_word_of_a_server_is_kept(body: object) -> None:
    fault = parse(400, body, {})
    assert "marigolds" not in json.dumps([str(fault), fault.evidence()])


def test_code_type_and_param_are_kept_if_they_are_names() -> None:
    fault = parse(400, {"error": {"code": "context_length_exceeded", "type": "invalid_request_error", "param": "messages"}}, {})
    assert fault.evidence() == {
        "error": "HTTP 400",
        "kind": "too_long",
        "code": "context_length_exceeded",
        "type": "invalid_request_error",
        "param": "messages",
    }
    words = "context too long, code context_length_exceeded, type invalid_request_error, param messages"
    assert str(fault) == f"HTTP 400 ({words})"
    assert str(parse(500, {"error": {"code": 500}}, {})) == "HTTP 500"
    assert parse(400, {"error": {"code": "x" * 65, "type": "two words", "param": ["a"]}}, {}).evidence() == {
        "error": "HTTP 400"
    }


def test_the_parameter_is_found_in_the_words_where_it_has_no_place_of_its_own() -> None:
    words = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    assert parse(400, {"error": {"message": words, "code": "invalid_request_body"}}, {}).param == "max_tokens"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": " 0.5 "}, 0.5),
        ({"Retry-After": "Wed, 21 Oct 2026 09:28:10 GMT", "Date": "Wed, 21 Oct 2026 09:28:00 GMT"}, 10.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:10 GMT"}, 10.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:27:00 GMT"}, 0.0),
        ({"retry-after-ms": "1500", "Retry-After": "1"}, 1.5),
        ({"x-ms-retry-after-ms": "700"}, 0.7),
        ({"retry-after-ms": "soon", "Retry-After": "2"}, 2.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:10 +9999999999999999"}, None),
        ({"Retry-After": "Wed, 21 Oct 99999 07:28:10 GMT"}, None),
        ({"Retry-After": "999999999"}, 999999999.0),
        ({"Retry-After": "1234567890"}, None),
        ({"retry-after-ms": "999999999999"}, 999999999.999),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "Wed, 99 Oct 2026 07:28:10 GMT"}, None),
        ({}, None),
    ],
)
def test_both_forms_of_retry_after_are_seconds(headers: dict[str, str], seconds: float | None) -> None:
    """hermes-agent#89669, mcp-context-forge#5745."""
    assert faults.retry_after(headers, now=1792567680.0) == seconds


def test_who_says_when_to_come_back_is_busy() -> None:
    later = {"Retry-After": "3"}
    assert [parse(status, None, later) for status in (402, 429, 503)] == [
        Fault(status, "busy", retry_after_seconds=3.0) for status in (402, 429, 503)
    ]
    assert parse(400, None, later).retry_after_seconds is None
    quota = {"error": {"message": "You exceeded your current quota, please check"}}
    assert [parse(429, quota, headers).kind for headers in (later, {})] == ["busy", "money"]
    assert parse(429, {"error": {"code": "insufficient_quota"}}, later).kind == "money"


@pytest.mark.parametrize(
    ("fault", "doubtful"),
    [
        (Fault(403, "key"), True),
        (Fault(403, "key", param="messages"), True),
        (Fault(403, "key", code="denied"), False),
        (Fault(403, "key", type="denied"), False),
        (Fault(403, "filtered"), False),
        (Fault(401, "key"), False),
    ],
)
def test_only_a_403_that_says_nothing_else_is_doubtful(fault: Fault, *, doubtful: bool) -> None:
    assert fault.doubtful is doubtful


@pytest.mark.parametrize(
    ("status", "code", "found"),
    [(200, 429, (429, "busy")), (399, 429, (429, "busy")), (400, 429, (400, "request")), (500, 429, (500, "passing"))],
)
def test_the_status_of_a_body_counts_where_http_has_no_fault(status: int, code: int, found: tuple[int, str]) -> None:
    fault = parse(status, {"error": {"code": code}}, {})
    assert (fault.status, fault.kind) == found


NAMES = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2)
BODIES = st.recursive(
    NAMES | st.floats(),
    lambda inner: (
        st.dictionaries(
            st.sampled_from(["error", "code", "type", "param", "message", "detail", "metadata", "innererror", "loc", "status"]),
            inner,
        )
        | st.lists(inner, max_size=2)
    ),
    max_leaves=8,
)


@given(status=st.integers(200, 599), body=BODIES, retry=st.text(max_size=30))
def test_every_error_has_a_meaning_and_short_evidence(status: int, body: object, retry: str) -> None:
    fault = parse(status, body, {"Retry-After": retry})
    assert len(json.dumps(fault.evidence())) < 400
    assert (fault.retry_after_seconds is None) or fault.kind in {"busy", "passing"}

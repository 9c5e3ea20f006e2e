"""What servers of the field write in an error, each case in their words and their wrapping, and what it means for the row.

The first word of each group is what becomes of the request; test_faults.py has what is kept of an error, and of Retry-After.
"""

import json
from typing import Any

import pytest

from builders.teachers import complaints
from builders.teachers.faults import parse

PROMPT = "Tell me about the marigolds in my garden, and why they wilt."


def provider(raw: object, status: int = 400) -> dict[str, Any]:
    """Return an error of a provider as OpenRouter passes it on."""
    return {"error": {"message": "Provider returned error", "code": status, "metadata": {"raw": raw, "provider_name": "A"}}}


def error(message: str, **more: object) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


FILTERED: list[tuple[int, Any]] = [
    (400, {"detail": "Content Exists Risk"}),
    (400, error("Content Exists Risk", type="invalid_request_error", param=None, code="invalid_request_error")),
    (400, error("系统检测到输入或生成内容可能包含不安全或敏感内容", code="1301")),
    (403, error("Request blocked: prompt injection patterns detected", code=403, metadata={"patterns": [PROMPT]})),
    (403, {"code": "Client specified an invalid argument", "error": "Content violates usage guidelines. Team: a, Model: b"}),
    (400, error("{'error': 'Violated jailbreak threshold'}", code="400")),
    (400, error("litellm.ContentPolicyViolationError: a", code="400")),
    (400, {"error": {"inner_error": {"code": "ResponsibleAIPolicyViolation"}, "code": "x"}}),
    (400, error("The request was rejected because it was considered high risk")),
    (400, error("<400> InternalError.Algo.DataInspectionFailed: Input text data may contain inappropriate content.")),
    (400, provider(json.dumps({"error": {"code": "content_filter", "message": PROMPT}}))),
    (200, {"choices": None, "base_resp": {"status_code": 1026, "status_msg": "input new_sensitive"}}),
]
TOO_LONG: list[tuple[int, Any]] = [
    (400, {"object": "error", "message": "The input (61709 tokens) is longer than the model's context length (40960 tokens)."}),
    (400, {"object": "error", "message": "Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens)."}),
    (422, {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048", "error_type": "validation"}),
    (400, error("Input prompt (2664 tokens) is too long and exceeds limit of 2048/2560")),
    (
        400,
        error(
            "The input token count (9) exceeds the maximum number of tokens allowed (8)", code=400, status="INVALID_ARGUMENT"
        ),
    ),
    (400, error("Range of input length should be [1, 6000]", code="invalid_parameter_error")),
    (400, {"error": "This model's maximum prompt length is 131072 but the request contains 537812 tokens."}),
    (400, error("Invalid request: Your request exceeded model token limit: 8192")),
    (400, error("Prompt exceeds max length", code="1261")),
    (400, {"message": "Input is too long for requested model."}),
    (400, error("context window exceeds limit (2013)", type="invalid_request_error")),
    (400, error("litellm.ContextWindowExceededError: a", code="400")),
    (400, {"detail": json.dumps({"error": {"code": 400, "type": "exceed_context_size_error"}})}),
    (400, provider(json.dumps(error("This model's maximum context length is 9 tokens", code=None)))),
    (400, error("'max_tokens' is too large: 9. This model's maximum context length is 8 tokens and your request has 7")),
    (500, error("input is too large to process. increase the physical batch size", code=500, type="server_error")),
    (413, error("Request too large for model a on tokens per minute (TPM)", code="rate_limit_exceeded")),
]
MONEY: list[tuple[int, Any]] = [
    (500, {"type": "error", "error": {"type": "api_error", "message": "insufficient balance (1008)"}}),
    (403, error("no", code="insufficient_user_quota")),
    (403, {"code": "INSUFFICIENT_BALANCE", "message": "Insufficient account balance"}),
    (403, {"code": 30001, "message": "Sorry, your account balance is insufficient", "data": None}),
    (429, error("余额不足或无可用资源包,请充值。", code="1113")),
    (429, {"error": {"http_code": "429", "message": "insufficient balance (1008)", "type": "insufficient_balance_error"}}),
    (400, {"code": "Arrearage", "message": "Access denied"}),
    (
        400,
        error(
            "You have reached your specified API usage limits. You will regain access on a day", type="invalid_request_error"
        ),
    ),
    (403, error("Key limit exceeded (total limit)", code=403)),
    (400, error("ExceededBudget: key over budget", type="budget_exceeded", code="400")),
    (200, {"choices": None, "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}),
]
MODEL: list[tuple[int, Any]] = [
    (400, error("Model Not Exist", type="invalid_request_error")),
    (400, error("The model `a` has been decommissioned", code="model_decommissioned")),
    (400, error("Invalid model name passed in model=a", code="400")),
    (400, error("a/b is not a valid model ID", code=400)),
    (404, {"error": "model 'a' not found, try pulling it first"}),
    (400, provider({"error": {"code": "model_not_found", "message": "a"}})),
]
KEY: list[tuple[int, Any]] = [
    (400, error("API key not valid. Please pass a valid API key.", code=400, details=[{"reason": "API_KEY_INVALID"}])),
    (400, error("refused", code=400, details=[{"reason": "API_KEY_INVALID"}])),
    (200, {"status": 401, "message": "Unauthorized"}),
]
PARAMETER: list[tuple[int, Any]] = [
    (400, error("max_tokens is too large: 50000. This model supports at most 16384 completion tokens", param="max_tokens")),
    (400, error("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", code="invalid_request_error")),
    (400, error("temperature: range: 0..1", type="invalid_request_error")),
    (400, error("This response_format type is unavailable now", code="invalid_request_error")),
    (400, error("property 'seed' is unsupported")),
    (400, error('Unknown name "seed": Cannot find field.', status="INVALID_ARGUMENT")),
    (400, {"message": "no", "param": "seed"}),
]
BUSY: list[tuple[int, Any]] = [
    (503, error("Loading model", code=503, type="unavailable_error")),
    (503, {"error": "Model a is currently loading", "estimated_time": 20.0}),
    (503, {"error": {"type": "overloaded_error"}}),
    (500, error("The engine is currently overloaded, please try again later")),
    (498, error("no", code="capacity_exceeded")),
    (429, provider("a is temporarily rate-limited upstream", 429)),
    (200, {"error": "Model is overloaded", "choices": None}),
    (200, {"code": "rate_limit_daily", "message": "Error code: 429 - a"}),
    (200, {"code": "daily", "message": "Error code: 429 - a"}),
    (200, {"error_code": 18, "error_msg": "Open api qps request limit reached"}),
    (200, {"detail": "Too many requests"}),
]
PASSING: list[tuple[int, Any]] = [
    (424, {"error": "Request failed during generation", "error_type": "generation"}),
    (499, error("no", code=499, status="CANCELLED")),
    (520, "<html>gateway</html>"),
    (200, {"code": 500, "msg": "internal error", "success": False, "data": None}),
    (200, {"success": False, "errors": [{"code": 7009, "message": "upstream"}], "result": None}),
]
REQUEST: list[tuple[int, Any]] = [
    (400, error("Failed to generate JSON", code="json_validate_failed", failed_generation=PROMPT)),
    (400, error("Something went wrong, please try again later")),
    (400, error(f"I cannot read this: {PROMPT} The model does not exist. Your credit balance is too low. API key not valid")),
]
CASES = [
    (status, body, kind)
    for kind, cases in {
        "filtered": FILTERED,
        "too_long": TOO_LONG,
        "money": MONEY,
        "model": MODEL,
        "key": KEY,
        "parameter": PARAMETER,
        "busy": BUSY,
        "passing": PASSING,
        "request": REQUEST,
    }.items()
    for status, body in cases
]


@pytest.mark.parametrize(("status", "body", "kind"), CASES, ids=[f"{kind}-{n}" for n, (_, _, kind) in enumerate(CASES)])
def test_an_error_means_the_same_in_whatever_words(status: int, body: object, kind: str) -> None:
    """DeepSeek-V2#30, BettaFish#691, qwen-code#3271, sglang#4048, Qwen3#1321, GenAIExamples#340, MiniMax-M2#62, xaibo#36."""
    found = parse(status, body, {})
    assert found.kind == kind
    assert "marigolds" not in json.dumps([str(found), found.evidence()])


@pytest.mark.parametrize("error", [None, "", {}, False, {"code": None, "message": ""}])
def test_an_error_that_says_nothing_is_none(error: object) -> None:
    assert not complaints.serious(error)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"error": "Model a is currently loading", "estimated_time": 20.0}, 20.0),
        (
            error(
                "no",
                code=429,
                details=[{"@type": "a"}, {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}],
            ),
            34.5,
        ),
        ({"error": "busy", "retry_after": 3}, 3.0),
        ({"error": {"code": 429}, "retry_after": 3}, 3.0),
        ({"error": "busy", "retry_after": -3}, None),
        ({"error": "busy", "retry_after": "soon"}, None),
    ],
)
def test_when_to_come_back_may_stand_in_the_body(body: object, seconds: float | None) -> None:
    """zerogravity#19, and Google's RetryInfo; a header goes before it."""
    assert parse(429, body, {}).retry_after_seconds == seconds
    assert parse(429, body, {"Retry-After": "7"}).retry_after_seconds == 7.0


def test_the_providers_code_goes_before_the_gateways_number() -> None:
    found = parse(400, provider(json.dumps(error(PROMPT, code="content_filter", param="messages", type="invalid"))), {})
    assert found.evidence() == {
        "error": "HTTP 400",
        "kind": "filtered",
        "code": "content_filter",
        "type": "invalid",
        "param": "messages",
    }


@pytest.mark.parametrize(
    "body", [["[" * 3], {"error": {"error": {"error": {"message": "{" * 90_000}}}}, {"detail": "[" * 9999}]
)
def test_an_error_in_an_error_without_end_is_read_no_further(body: object) -> None:
    assert parse(400, body, {}).kind == "request"

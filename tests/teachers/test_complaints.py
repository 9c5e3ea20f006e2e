"""What stands in the body of an error, in whatever it is wrapped and whatever its keys are called."""

import json
from collections.abc import Callable

import pytest

from builders.teachers import complaints

WRAPPERS = "error errors fault base_resp response"
CODES = "code error_code errorCode errorcode errcode status_code http_code statusCode"
WORDS = "message msg error error_msg error_message errmsg status_msg faultstring detail Message"
WITHIN = "detail message innererror inner_error details metadata raw"


@pytest.mark.parametrize("name", WRAPPERS.split())
def test_an_error_is_found_in_every_wrapper(name: str) -> None:
    for wrapped in ({name: {"code": "too_long"}}, [{name: [{"code": "too_long"}]}], json.dumps({name: {"code": "too_long"}})):
        assert complaints.read(wrapped).code == "too_long"


@pytest.mark.parametrize("name", CODES.split())
def test_every_name_of_a_code_is_known(name: str) -> None:
    assert complaints.read({"error": {name: "too_long"}}).code == "too_long"


@pytest.mark.parametrize("name", ["type", "error_type"])
def test_every_name_of_a_type_is_known(name: str) -> None:
    assert complaints.read({"error": {name: "invalid_request"}}).type == "invalid_request"


@pytest.mark.parametrize("name", ["http_code", "status_code", "statusCode", "status", "code"])
def test_every_name_of_a_status_is_known(name: str) -> None:
    assert complaints.read({"error": {name: 429, "message": "slow down"}}).status == 429


@pytest.mark.parametrize("name", WORDS.split())
def test_every_name_of_words_is_known(name: str) -> None:
    assert "slow down, please" in complaints.read({"error": {name: "Slow down, please"}}).words


@pytest.mark.parametrize("name", WITHIN.split())
def test_what_an_error_holds_is_looked_at(name: str) -> None:
    assert complaints.read({"error": {"message": "no", name: {"error": {"code": "deeper"}}}}).code == "deeper"


@pytest.mark.parametrize("name", ["retry_after", "retry_after_seconds", "retryDelay", "estimated_time"])
def test_every_name_of_a_wait_is_known(name: str) -> None:
    assert complaints.read({"error": {name: "7.5s"}}).seconds == 7.5
    assert complaints.read({"error": {name: 7}}).seconds == 7.0


@pytest.mark.parametrize("name", ["reasons", "flagged_input", "patterns"])
def test_what_a_moderation_says_is_a_flag(name: str) -> None:
    assert "flagged" in complaints.read({"error": {"code": 403, "metadata": {name: ["x"]}}}).names


def test_a_body_that_says_nothing_is_nothing() -> None:
    bodies: list[object] = [None, {}, [], "", 7]
    for body in bodies:
        found = complaints.read(body)
        assert (found.code, found.type, found.param, found.status, found.seconds) == (None, None, None, None, None)


@pytest.mark.parametrize(
    ("wrapped", "deepest"),
    [
        (lambda inner: {"details": inner}, 8),
        (lambda inner: {"error": inner}, 8),
        (lambda inner: [inner], 8),
        (lambda inner: {"message": json.dumps(inner)}, 4),
    ],
    ids=["within", "wrapper", "list", "text"],
)
def test_what_lies_deeper_is_not_looked_at(wrapped: Callable[[object], object], deepest: int) -> None:
    body: object = {"code": "too_long"}
    for _ in range(deepest):
        body = wrapped(body)
    assert complaints.read(body).code == "too_long"
    assert complaints.read(wrapped(body)).code is None

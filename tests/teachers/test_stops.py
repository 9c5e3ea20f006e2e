"""What stops a build when a server does not want us: the line says what to change in params."""

import pytest

from builders.teachers import stops
from builders.teachers.faults import Fault
from builders.teachers.server import Server

HERE = Server("http://host/v1", None)


@pytest.mark.parametrize(
    ("parameter", "fix"),
    [
        ("max_tokens", "set token_limit: max_completion_tokens under the role"),
        ("max_completion_tokens", "set token_limit: max_tokens under the role"),
        (
            "temperature",
            "leave temperature out of the role's sampling, or top_p, or set temperature to what the server takes",
        ),
        ("top_p", "leave top_p out of the role's sampling"),
        ("seed", "set seed: omit in the role's sampling"),
        ("response_format.type", "set structured: object, or prompt, under the role"),
        ("output_config", "set structured: prompt under the role"),
        ("min_p", "leave it out of the role's extra or sampling; python -m builders try shows what is sent"),
        (None, "leave it out of the role's extra or sampling; python -m builders try shows what is sent"),
    ],
)
def test_a_parameter_that_is_refused_says_what_to_set(parameter: str | None, fix: str) -> None:
    fault = Fault(400, "parameter", param=parameter)
    error = stops.of_all("teacher", HERE, fault, answered=False)
    assert error is not None
    assert error.fix == fix
    assert stops.of_all("teacher", HERE, fault, answered=True) is None


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("key", "the server of teacher answers "),
        ("money", "the credit at the server of teacher is used up: "),
        ("model", "the server of teacher answers "),
    ],
)
def test_what_holds_for_every_request_stops_the_build(kind: str, what: str) -> None:
    for answered in (False, True):
        error = stops.of_all("teacher", HERE, Fault(400, kind), answered=answered)  # type: ignore[arg-type]
        assert error is not None
        assert error.what.startswith(what)


@pytest.mark.parametrize("kind", ["busy", "passing", "filtered", "too_long", "request"])
def test_what_holds_for_one_request_does_not(kind: str) -> None:
    assert stops.of_all("teacher", HERE, Fault(400, kind), answered=False) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://host", " (the base URL of most servers ends in /v1)"),
        *((f"http://host{path}", "") for path in ("/v1", "/openai", "/api")),
    ],
)
def test_a_model_that_is_not_there_may_be_a_path_that_is_missing(url: str, path: str) -> None:
    error = stops.of_all("teacher", Server(url, None), Fault(404, "model"), answered=False)
    assert error is not None
    assert error.fix == f"check the URL{path} and the model's name in params.yaml"

"""patience: whose error it is, and what is said about it."""

from pathlib import Path

import httpx2
import pytest
from huggingface_hub import constants
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled
from tenacity import RetryCallState, Retrying

from builders.errors import BuildError
from builders.publishing import patience

HUB = "https://hub"


def test_an_error_that_is_not_the_hub_s_stays_what_it_is() -> None:
    """Its text may quote a row."""
    with pytest.raises(ValueError, match=r"^something else$"), patience.explaining(HUB):
        raise ValueError("something else")
    with pytest.raises(KeyError), patience.explaining(HUB):
        raise KeyError("Invalid metadata in README.md.")


def test_a_card_that_is_refused_is_one_line() -> None:
    with pytest.raises(BuildError) as caught, patience.explaining(HUB):
        raise ValueError("Invalid metadata in README.md.\n- license is none\n" + "x" * 200)
    what = ("- license is none " + "x" * 200)[:120]
    line = f"{HUB}: the Hub refuses the card's front matter: {what}; fix what it is made from, and report it as a bug"
    assert str(caught.value) == line


def answered(status: int, **headers: str) -> HfHubHTTPError:
    """Return the error of a Hub that answers with a status."""
    request = httpx2.Request("GET", HUB)
    return HfHubHTTPError("a row's text", response=httpx2.Response(status, headers=headers, request=request))


def storage(text: str) -> RuntimeError:
    return RuntimeError(f"CAS Client Error: {text}")


LATER = "run again later, it goes on where it was"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (answered(401), "the Hub refused the token; run hf auth login again or fix HF_TOKEN"),
        (answered(403), "the token may not write there; use a token that may, or fix the namespace"),
        (answered(404), "it is not there; fix the namespace, or let the token see it"),
        (answered(418), f"the Hub answered with status 418; {LATER}"),
        (answered(503), f"the Hub answered with status 503; {LATER}"),
        (patience.Moved(), "somebody else commits there all the time; run again later"),
        (OfflineModeIsEnabled("no"), "HF_HUB_OFFLINE is set; unset it, or publish to file:///folder"),
        (storage("HTTP status server error (503 Busy)"), f"the Hub's storage answered with status 503; {LATER}"),
        (
            storage("HTTP status client error (403 No)"),
            "the Hub's storage answered with status 403; set HF_HUB_DISABLE_XET=1, which sends large files without it",
        ),
        (ConnectionError("reset"), f"the Hub's storage cannot be reached; {LATER}"),
    ],
    ids=range(10),
)
def test_what_the_hub_says_is_one_line_without_its_text(
    error: Exception, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_mine")
    outer = OSError("what it led to")
    outer.__cause__ = error
    with pytest.raises(BuildError) as caught, patience.explaining(HUB):
        raise outer
    assert str(caught.value) == f"{HUB}: {message}"


def test_without_a_token_the_hub_wants_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    with pytest.raises(BuildError, match="the Hub wants a token; run hf auth login or set HF_TOKEN"), patience.explaining(HUB):
        raise answered(401)


def test_a_hub_that_cannot_be_reached_is_named_by_its_address() -> None:
    with pytest.raises(BuildError) as caught, patience.explaining(HUB):
        raise httpx2.ConnectTimeout("no")
    assert caught.value.what == "the Hub cannot be reached: ConnectTimeout"
    assert caught.value.fix.startswith("check the network and HF_ENDPOINT (")


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        *((answered(status), True) for status in (429, 500, 502, 599)),
        *((answered(status), False) for status in (400, 401, 403, 404, 499)),
        (httpx2.ReadTimeout("no"), True),
        (patience.Moved(), True),
        (ConnectionError("reset"), True),
        (ConnectionRefusedError("one of python's own"), False),
        (storage("no more"), True),
        (storage("HTTP status server error (500 No)"), True),
        (storage("HTTP status client error (429 Slow)"), True),
        (storage("HTTP status client error (404 No)"), False),
        (RuntimeError("no"), False),
        (OfflineModeIsEnabled("no"), False),
        (BuildError("no", where="a", fix="b"), False),
        (ValueError("no"), False),
    ],
    ids=range(21),
)
def test_what_may_pass_by_itself_is_asked_again(error: Exception, *, passes: bool) -> None:
    outer = KeyError("what it led to")
    outer.__cause__ = error
    assert patience.passing(error) == patience.passing(outer) == passes


def paused(error: BaseException, attempt: int = 1) -> float:
    """Return the pause after an attempt."""
    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = attempt
    state.set_exception((type(error), error, None))
    return patience._pause(state)  # noqa: SLF001


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (answered(429, **{"Retry-After": "7"}), 7.0),
        (answered(503, **{"Retry-After": "61"}), 60.0),
        (answered(503, **{"Retry-After": "60"}), 60.0),
        (answered(429, **{"Retry-After": "0"}), 0.0),
        (answered(429, **{"Retry-After": "soon"}), 0.5),
        (answered(429), 0.5),
        (ConnectionError("reset"), 0.5),
    ],
    ids=range(7),
)
def test_the_pause_is_what_the_hub_asks_for_if_it_is_not_too_long(error: Exception, seconds: float) -> None:
    outer = OSError("what it led to")
    outer.__cause__ = error
    assert (paused(error), paused(outer)) == (seconds, seconds)


def test_pauses_grow_up_to_a_bound() -> None:
    assert [paused(ConnectionError("reset"), attempt) for attempt in (1, 2, 3, 4, 7, 8, 20)] == [0.5, 1, 2, 4, 32, 60, 60]


def test_a_call_is_asked_six_times_at_most_and_the_last_error_is_raised() -> None:
    errors: list[Exception] = [answered(429, **{"Retry-After": "0"}) for _ in range(7)]
    with pytest.raises(HfHubHTTPError) as caught:
        patience.patiently(lambda: _raised(errors.pop(0)))
    assert len(errors) == 1
    assert caught.value.response.status_code == 429
    refused: list[Exception] = [answered(404), answered(404)]
    with pytest.raises(HfHubHTTPError):
        patience.patiently(lambda: _raised(refused.pop(0)))
    assert len(refused) == 1


def _raised(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(("status", "kind"), [(409, patience.Moved), (412, patience.Moved), (500, HfHubHTTPError)])
def test_a_branch_that_was_moved_is_told_from_other_failures(status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind), patience.Moved.noticed():
        raise answered(status)


def test_what_is_no_error_of_the_hub_s_is_no_move() -> None:
    with pytest.raises(ConnectionError), patience.Moved.noticed():
        raise ConnectionError("reset")

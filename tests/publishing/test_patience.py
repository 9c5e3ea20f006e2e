"""patience: whose error it is, and what is said about it."""

from pathlib import Path

import httpx2
import pytest
from huggingface_hub import constants
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

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

"""How many connections there can be: what the system lets a process open decides."""

import resource
import subprocess
from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit

import pytest

from builders.errors import BuildError
from builders.teachers import server as servers
from builders.teachers.server import Server
from tests.doubles.teacher import Answer, Received, serving
from tests.harness import FAMILY, Workspace, one_line

MANY = 150
LONG = f"{'a' * 63}." * 3 + "a" * 60
PROMPTS = [f"How do I look after plant number {number} at home?" for number in range(MANY // 3)]


@pytest.fixture
def asking(workspace: Workspace) -> Workspace:
    """A workspace with as many requests as there are to be connections."""
    workspace.collected(*PROMPTS)
    workspace.project(teacher="endpoint")
    return workspace


def limited(workspace: Workspace, soft: int, hard: int, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the stage with a soft and a hard limit of open files."""
    return workspace.limited(RLIMIT_NOFILE, (soft, hard), "synthesize", FAMILY, **environment)


def test_more_connections_than_the_usual_limit_allows_are_opened(asking: Workspace) -> None:
    def script(_: Received) -> Answer:
        if len(server.asked) == MANY:
            server.release()
        return Answer("An answer.", held=True)

    with serving(script) as server:
        done = limited(
            asking, 100, getrlimit(RLIMIT_NOFILE)[1], BUILDERS_TEACHER_URL=server.url, BUILDERS_CONCURRENCY=str(MANY)
        )
        assert (done.returncode, len(server.asked)) == (0, MANY), done.stderr


def test_no_more_connections_are_opened_than_the_system_allows(asking: Workspace) -> None:
    with serving(lambda _: Answer("An answer.")) as server:
        done = limited(asking, 80, 80, BUILDERS_TEACHER_URL=server.url)
        assert (done.returncode, server.resent()) == (0, 0), done.stderr


def test_more_than_the_system_allows_are_one_line(asking: Workspace) -> None:
    environment = {"BUILDERS_TEACHER_URL": "http://127.0.0.1:1/v1", "BUILDERS_CONCURRENCY": str(MANY)}
    line = one_line(limited(asking, 200, 200, **environment))
    assert line.startswith("error: BUILDERS_CONCURRENCY: 150 connections are more than this process may open, which is 72")


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("http://model.example/v1", True),
        ("https://[::1]:8000/v1", True),
        ("http://a:1", True),
        ("http://a:65535", True),
        ("http://a_b.example./v1", True),
        ("http://bücher.example", True),
        (f"http://{LONG}a", True),
        (f"http://{LONG}aa", False),
        ("http://a:0/v1", False),
        ("http://a:65536", False),
        ("http://a:b", False),
        ("ftp://a/v1", False),
        ("a/v1", False),
        ("http://", False),
        ("http://-a/v1", False),
        ("http://a-/v1", False),
        ("http://a..b", False),
        (f"http://{'a' * 64}", False),
        ("http://user@a", False),
        ("http://a/v1?b=c", False),
        ("http://a/#b", False),
        ("http://a/b c", False),
        ("http://[::1", False),
    ],
)
def test_an_address_is_scheme_host_port_and_path(url: str, *, fits: bool) -> None:
    assert servers.is_address(url) is fits


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("http://[::1]:8000/v1/", "http://[::1]:8000/v1"),
        ("https://A.example/v1", "https://a.example:443/v1"),
        ("http://user:word@a/?b=c#d", "http://a:80"),
        ("http://a:81//", "http://a:81"),
    ],
)
def test_a_server_is_named_by_what_tells_it_from_others(url: str, named: str) -> None:
    assert servers.address(url) == named


def test_secrets_are_the_key_and_the_values_of_headers_unless_they_are_short() -> None:
    headers = (("a", "1234567"), ("b", "Bearer 87654321"), ("c", "Bearer 7654321"))
    assert Server("http://a", "12345678", headers=headers).secrets == ("12345678", "87654321")
    assert Server("http://a", None).secrets == ()


def test_a_page_is_below_the_base_url_or_above_its_version() -> None:
    plain, asked = Server("http://a/v1", None), Server("http://a/v1", None, query="b=c")
    assert [plain.page("models"), plain.page("/metrics")] == ["http://a/v1/models", "http://a/metrics"]
    assert [asked.page("models"), asked.page("/metrics")] == ["http://a/v1/models?b=c", "http://a/metrics?b=c"]


def test_each_api_is_sent_the_key_in_its_own_header() -> None:
    common = {"Content-Type": "application/json", "Accept-Encoding": "gzip, deflate"}
    version = {"anthropic-version": "2023-06-01"}
    assert Server("http://a", None).sent == common
    assert Server("http://a", "word").sent == {**common, "Authorization": "Bearer word"}
    assert Server("http://a", None, "messages").sent == {**common, **version}
    assert Server("http://a", "word", "messages").sent == {**common, **version, "x-api-key": "word"}
    assert Server("http://a", "word", "messages", headers=(("X-API-Key", "other"),)).sent["x-api-key"] == "other"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("0", "not a positive whole number; set it to one, or unset it"),
        ("1000000000", "not a positive whole number"),
        ("٣", "not a positive whole number"),
        ("11", "11 connections are more than this process may open, which is 10 to each server; raise the system's limit"),
        ("999999999", "999999999 connections are more than"),
    ],
)
def test_a_number_of_requests_that_cannot_be_is_one_line(text: str, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_CONCURRENCY", text)
    with pytest.raises(BuildError, match=f"^BUILDERS_CONCURRENCY: {what}"):
        servers.concurrency(10)


@pytest.mark.parametrize(("text", "number"), [("", None), ("1", 1), ("10", 10)])
def test_the_number_of_requests_is_found_out_unless_it_is_named(
    text: str, number: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDERS_CONCURRENCY", text)
    assert servers.concurrency(10) == number


@pytest.mark.parametrize(
    ("soft", "hard", "refused", "found", "raised"),
    [
        (RLIM_INFINITY, RLIM_INFINITY, False, 100, []),
        (1000, 1000, False, 100, []),
        (328, 1000, False, 100, []),
        (327, 1000, False, 100, [(328, 1000)]),
        (200, RLIM_INFINITY, False, 100, [(328, RLIM_INFINITY)]),
        (200, 300, False, 86, [(300, 300)]),
        (200, 300, True, 36, [(300, 300)]),
        (132, 132, False, 2, []),
        (100, 100, False, 1, []),
    ],
)
def test_the_limit_of_open_files_is_raised_as_far_as_is_needed(  # noqa: PLR0913
    soft: int, hard: int, *, refused: bool, found: int, raised: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def setrlimit(_: int, limits: tuple[int, int]) -> None:
        asked.append(limits)
        if refused:
            raise ValueError

    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", setrlimit)
    assert (servers.connections(2, 100), asked) == (found, raised)


def test_the_proxy_is_that_of_the_scheme_or_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    plain, secure = Server("http://a.example/v1", None), Server("https://a.example/v1", None)
    assert plain.proxy() is None
    monkeypatch.setenv("all_proxy", "http://one:1")
    assert (plain.proxy(), secure.proxy()) == ("http://one:1", "http://one:1")
    monkeypatch.setenv("https_proxy", "http://two:2")
    assert (plain.proxy(), secure.proxy()) == ("http://one:1", "http://two:2")
    monkeypatch.setenv("no_proxy", "a.example")
    assert (plain.proxy(), secure.proxy()) == (None, None)


@pytest.mark.parametrize("key", ["a b", "a\tb", "ä", "a\nb"])
def test_a_key_that_is_no_token_is_one_line(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_TEACHER_URL", "http://a/v1")
    monkeypatch.setenv("BUILDERS_TEACHER_API_KEY", key)
    with pytest.raises(BuildError, match=r"^BUILDERS_TEACHER_API_KEY: not a token; set it to the bare token"):
        Server.all_of("teacher")


def test_a_role_without_any_url_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ("TEACHER", "JUDGE"):
        monkeypatch.setenv(f"BUILDERS_{role}_URL", " , ")
    with pytest.raises(BuildError, match=r"^BUILDERS_TEACHER_URL: no server is named; set it to the server's base URL"):
        Server.all_of("judge")

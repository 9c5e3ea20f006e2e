"""secrets: what looks like a token or key is found, what does not, or only shows where one goes, is not."""

import random
import string
from pathlib import Path

import pytest
from huggingface_hub import constants

from builders.errors import BuildError
from builders.publishing.secrets import Secrets, check_file, check_value, of_environment

NOBODYS = Secrets({"my own secret": "mine"})
LETTERS = string.ascii_letters + string.digits
BASE32 = string.ascii_uppercase + "234567"
HEX = "0123456789abcdef"


def drawn(length: int, letters: str = LETTERS, seed: int = 0) -> str:
    """Return letters as a real key has them, which therefore stands in no file here."""
    chance = random.Random(f"{length}{letters}{seed}")  # noqa: S311  (it opens nothing)
    return "".join(chance.choice(letters) for _ in range(length))


KEYS = [
    ("hf_" + drawn(34), "a Hugging Face token"),
    ("api_org_" + drawn(34), "a Hugging Face token"),
    ("key: sk-" + drawn(48), "an API key that starts with sk-"),
    ("sk-proj-" + drawn(90, LETTERS + "_-"), "an API key that starts with sk-"),
    ("sk-ant-api03-" + drawn(80, LETTERS + "_-"), "an API key that starts with sk-"),
    ("sk-or-v1-" + drawn(64, HEX), "an API key that starts with sk-"),
    ("AKIA" + drawn(16, BASE32), "an AWS access key"),
    ("ghp_" + drawn(36), "a GitHub token"),
    ("github_pat_" + drawn(22) + "_" + drawn(59), "a GitHub token"),
    ("glpat-" + drawn(20), "a GitLab token"),
    ("AIza" + drawn(35), "a Google API key"),
    ("GOCSPX-" + drawn(28), "a Google API key"),
    (f"xoxb-{drawn(12, string.digits)}-{drawn(12, string.digits, 1)}-{drawn(24)}", "a Slack token"),
    (f"https://hooks.slack.com/services/T{drawn(9, BASE32)}/B{drawn(9, BASE32)}/{drawn(24)}", "a Slack webhook"),
    ("gsk_" + drawn(52), "a provider's API key"),
    ("npm_" + drawn(36), "a provider's API key"),
    ("sk_live_" + drawn(24), "a Stripe key"),
    (f"SG.{drawn(22)}.{drawn(43)}", "a SendGrid key"),
    (f"-----BEGIN OPENSSH PRIVATE KEY-----\n{drawn(64)}", "a private key"),
    (f"-----BEGIN PRIVATE KEY-----\\n{drawn(64)}\\n", "a private key"),
    (f"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n{drawn(64)}", "a private key"),
    (f"api_key = '{drawn(32)}'", "a key with its name"),
    (f'{{"client_secret": "{drawn(40)}"}}', "a key with its name"),
    (f"AWS_SECRET_ACCESS_KEY={drawn(40)}", "a key with its name"),
    (f"Authorization: Bearer {drawn(40)}", "a bearer token"),
    ("here is my own secret.", "mine"),
]


@pytest.mark.parametrize(("text", "kind"), KEYS, ids=range(len(KEYS)))
def test_a_secret_is_named_by_its_kind(text: str, kind: str) -> None:
    assert NOBODYS.kind_in(f"Say {text} twice") == kind
    assert NOBODYS.kind_in(f"Not hf_{'x' * 34} but\n{text}\n") == kind


SHORTEST = [
    *(("hf_", 30), ("api_org_", 30), ("sk-", 20), ("AKIA", 16), ("ASIA", 16), ("glpat-", 20), ("xapp-7", 16), ("xoxp-7", 16)),
    *((f"gh{letter}_", 36) for letter in "pousr"),
    *(("github_pat_", 36), ("AIza", 28), ("GOCSPX-", 28), ("ya29.", 28), ("rk_live_", 20), ("sk_live_", 20)),
    *((prefix, 36) for prefix in ("gsk_", "xai-", "nvapi-", "pplx-", "r8_", "npm_", "pypi-")),
    *((f"{name}: ", 24) for name in ("api_key", "access-token", "private_key", "auth_token", "clientsecret", "account_key")),
    ("BEARER ", 32),
]


@pytest.mark.parametrize(("prefix", "length"), SHORTEST)
def test_a_key_has_its_least_length(prefix: str, length: int) -> None:
    key = drawn(length - 3, BASE32) + "735"
    assert NOBODYS.kind_in(f"Say {prefix}{key}!")
    assert NOBODYS.kind_in(f"Say {prefix}{key[1:]}!") is None


@pytest.mark.parametrize(("prefix", "digits"), [("sk-", 1), ("secret_key = ", 3), ("Bearer ", 3)])
def test_a_key_has_its_least_digits(prefix: str, digits: int) -> None:
    letters = drawn(40, string.ascii_letters)
    assert NOBODYS.kind_in(prefix + letters + "735"[:digits])
    assert NOBODYS.kind_in(prefix + letters + "735"[: digits - 1]) is None


def test_a_key_of_few_different_letters_is_made_up() -> None:
    assert NOBODYS.kind_in("hf_" + "qwzrtkpm" * 5) == "a Hugging Face token"
    assert NOBODYS.kind_in("hf_" + "qwzrtkpp" * 5) is None


@pytest.mark.parametrize(
    "text",
    [
        "hf_short",
        "task-" + "ab1" * 12,
        "sk-learn-is-a-library-of-many-words",
        "sk-ssh-ed25519-cert-v01@openssh.com",
        "risk-" + "a1" * 20,
        "AKIA",
        "a-----BEGIN CERTIFICATE-----",
        "AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "hf_" + "x" * 34,
        "export HF_TOKEN=hf_your_token_goes_here_and_nowhere_else1",
        "OPENAI_API_KEY=sk-your-api-key-goes-here-0123",
        "sk-1234567890abcdef1234567890abcdef",
        "ghp_" + "abcd" * 9,
        "xoxb-your-token-goes-here",
        "A private key starts with -----BEGIN RSA PRIVATE KEY----- and ends with -----END RSA PRIVATE KEY-----; share neither.",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "api_key = os.environ['PROVIDER_API_KEY']",
        "access_token = request_the_access_token_of_this_account()",
        "Authorization: Bearer <the token that the login page has shown>",
        "Keep secret keys secret: rotate a key, revoke a token, never paste either.",
    ],
)
def test_what_only_speaks_of_secrets_is_none(text: str) -> None:
    assert NOBODYS.kind_in(text) is None


@pytest.mark.parametrize(
    ("key", "kept"),
    [
        ("anything", False),
        ("not-needed", False),
        ("no-key-required", False),
        ("s3cret99", True),
        ("s3cret9", False),
        ("wordsoftwentyletters", True),
        ("wordsonineteenletts", False),
        ("not-a-pattern-but-mine", True),
    ],
)
def test_a_key_of_the_environment_that_is_a_mere_word_stops_nothing(
    key: str, *, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDERS_TEACHER_API_KEY", key)
    found = of_environment().kind_in(f"He said that {key} would do.")
    assert found == ("the value of BUILDERS_TEACHER_API_KEY" if kept else None)


def test_without_any_secret_the_environment_keeps_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setenv("BUILDERS_API_KEY", "not-a-role-1234")
    monkeypatch.setenv("MY_BUILDERS_JUDGE_API_KEY", "another-program-1234")
    assert of_environment().own == {}
    monkeypatch.setenv("HF_TOKEN", "the-hubs-own-1")
    assert of_environment().own == {"the-hubs-own-1": "the Hub token of this environment"}


@pytest.mark.parametrize(
    "value",
    [
        "my own secret",
        b"\xffmy own secret",
        ["a", ["my own secret"]],
        {"a": 1, "b": {"c": "my own secret"}},
        [b"my own secret"],
    ],
    ids=range(5),
)
def test_a_secret_is_found_wherever_in_a_value_it_stands(value: object) -> None:
    with pytest.raises(BuildError) as caught:
        check_value(NOBODYS, "hard", "quiz:1", "response", value)
    assert str(caught.value) == "hard, row quiz:1: column response holds mine; reject or fix that row"
    check_value(NOBODYS, "hard", "quiz:1", "response", [None, 7, {"my own secret": 2.5}, b"\xff", "a secret of my own"])


def test_a_secret_in_a_file_that_is_no_text_is_found(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\0my own secret\n")
    with pytest.raises(BuildError, match="/a: the file holds mine; take it out, and build again"):
        check_file(NOBODYS, tmp_path / "a")
    (tmp_path / "a").write_bytes(b"\xff\0my secret\n")
    check_file(NOBODYS, tmp_path / "a")


@pytest.mark.real
def test_no_line_of_real_texts_is_taken_for_a_secret(real_data: Path) -> None:
    files = [path for path in real_data.rglob("*") if path.suffix in {".json", ".jsonl", ".csv", ".tsv", ".txt", ".yaml"}]
    lines = [line for path in files for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    count, mistaken = len(lines), sum(NOBODYS.kind_in(line) is not None for line in lines)
    assert count > 1000
    assert mistaken == 0

"""secrets: what looks like a token or key is found, what does not is not."""

import pytest

from builders.publishing.secrets import Secrets

NOBODYS = Secrets({"my own secret": "mine"})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("hf_" + "aB3" * 12, "a Hugging Face token"),
        ("key: sk-" + "aB3" * 12, "an API key that starts with sk-"),
        ("sk-proj-" + "a_-B3" * 8, "an API key that starts with sk-"),
        ("AKIA" + "ABCD2345" * 2, "an AWS access key"),
        ("ghp_" + "aB3" * 12, "a GitHub token"),
        ("github_pat_" + "aB3" * 20, "a GitHub token"),
        ("glpat-" + "aB3" * 8, "a GitLab token"),
        ("AIza" + "aB3xy" * 7, "a Google API key"),
        ("xoxb-" + "1234567890", "a Slack token"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"),
        ("-----BEGIN PRIVATE KEY-----", "a private key"),
        ("here is my own secret.", "mine"),
    ],
)
def test_a_secret_is_named_by_its_kind(text: str, kind: str) -> None:
    assert NOBODYS.found(f"Say {text} twice") == kind


@pytest.mark.parametrize(
    "text",
    [
        "hf_short",
        "task-" + "ab1" * 12,
        "sk-learn-is-a-library-of-many-words",
        "AKIA",
        "a-----BEGIN CERTIFICATE-----",
        "risk-" + "a1" * 20,
    ],
)
def test_what_only_looks_alike_is_no_secret(text: str) -> None:
    assert NOBODYS.found(text) is None

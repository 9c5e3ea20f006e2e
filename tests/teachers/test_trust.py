"""A laboratory's own certificate authority is trusted where the environment names it, and nobody else's."""

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from builders.errors import BuildError
from builders.teachers import trust
from builders.teachers.vllm import running
from tests.doubles.asking import ask, question
from tests.doubles.teacher import Answer, Server, serving

AUTHORITY, OTHER = trustme.CA(), trustme.CA()


def served(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(lambda _: Answer("fine"), tls=served("127.0.0.1")) as running_server:
        yield running_server


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


def named(folder: Path, authority: trustme.CA) -> str:
    file = folder / "authority.pem"
    authority.cert_pem.write_to_path(file)
    return str(file)


def test_an_own_authority_is_trusted_by_each_of_the_names(server: Server, ledger: Path, tmp_path: Path) -> None:
    """llm#979."""
    for number, variable in enumerate(trust.VARIABLES):
        asking = ask(ledger, server.url, question(f"{number}?"), environment={variable: named(tmp_path, AUTHORITY)})
        assert asking.texts == ["fine"], variable


def test_a_bundle_adds_to_those_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = len(trust.context().get_ca_certs())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", named(tmp_path, AUTHORITY))
    assert len(trust.context().get_ca_certs()) == before + 1


def test_a_certificate_that_is_not_trusted_is_one_clear_line(server: Server, ledger: Path, tmp_path: Path) -> None:
    for environment in ({}, {"SSL_CERT_FILE": named(tmp_path, OTHER)}):
        [stop] = ask(ledger, server.url, question(), environment=environment).stops
        assert stop.startswith(f"{server.url}: the server of teacher cannot be asked: its certificate is not trusted: ")
        assert stop.endswith("; name the file with its authority's certificate in SSL_CERT_FILE or REQUESTS_CA_BUNDLE")
    assert server.asked == []


def test_a_certificate_for_another_host_is_not_trusted(ledger: Path, tmp_path: Path) -> None:
    with serving(lambda _: Answer("fine"), tls=served("model.invalid")) as server:
        [stop] = ask(ledger, server.url, question(), environment={"SSL_CERT_FILE": named(tmp_path, AUTHORITY)}).stops
        assert "its certificate is not trusted: IP address mismatch" in stop


def test_a_server_that_speaks_no_tls_is_one_clear_line(ledger: Path) -> None:
    with serving(lambda _: Answer("fine")) as server:
        [stop] = ask(ledger, server.url.replace("http:", "https:"), question()).stops
        assert "it does not speak TLS as we do; write http:// if it speaks plain HTTP" in stop


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_that_has_no_certificates_is_one_clear_line(content: str | None, ledger: Path, tmp_path: Path) -> None:
    file = tmp_path / "authority.pem"
    if content:
        file.write_text(content)
    for variable in trust.VARIABLES:
        with pytest.raises(BuildError, match=f"{variable}: no certificates can be read from .*; name a PEM file, or unset it"):
            ask(ledger, "https://127.0.0.1:1/v1", question(), environment={variable: str(file)})


def test_a_folder_of_certificates_may_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))
    assert trust.context()


def test_no_certificate_is_read_for_a_server_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    assert trust.of("http://127.0.0.1:1/v1") is True


def test_a_vllm_whose_certificate_is_not_trusted_is_one_clear_line(server: Server) -> None:
    with pytest.raises(BuildError, match="its certificate is not trusted"):
        asyncio.run(running(server.url))

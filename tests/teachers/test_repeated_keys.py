"""A server that repeats a key that it was sent: the key is taken out before anything is stored; and its page of models."""

from contextlib import closing
from pathlib import Path

import orjson
import pytest

from builders.ledger.store import Store
from builders.teachers import pages
from builders.teachers.redacting import Redactor
from tests.doubles.asking import ask, question
from tests.doubles.teacher import Answer, serving

KEY = 'sk-"quoted\\and' + "long" * 5
HEADER = "header-value-that-is-secret"


@pytest.mark.parametrize("secret", [KEY, HEADER], ids=["key", "header"])
def test_a_reply_with_a_key_is_stored_without_it(secret: str, tmp_path: Path) -> None:
    environment = {"BUILDERS_TEACHER_API_KEY": KEY, "BUILDERS_TEACHER_HEADERS": orjson.dumps({"x-more": HEADER}).decode()}
    path = tmp_path / "ledger.sqlite"
    with serving(lambda _: Answer(f"You sent {secret} to me.", reasoning=f"It is {secret}.")) as server:
        asking = ask(path, server.url, question(), environment=environment)
    assert asking.texts == ["<think>\nIt is [a key was here].\n</think>\n\nYou sent [a key was here] to me."]
    with closing(Store(path, read_only=True)) as store:
        assert [secret.encode() in entry.reply or b"quoted" in entry.reply for _, entry in store.entries()] == [False]


def test_a_server_that_repeats_a_key_is_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    redactor = Redactor("judge", [KEY])
    for _ in range(3):
        redactor.bare({"content": KEY})
    told = capsys.readouterr()
    assert (told.out + told.err).count("the server of judge repeats a key that it was sent") == 1
    assert KEY not in told.out + told.err


def test_nothing_else_of_a_reply_changes() -> None:
    reply = {"content": f"a {KEY} b", "tokens": [1, None]}
    assert Redactor("teacher", [KEY]).bare(reply) == {"content": "a [a key was here] b", "tokens": [1, None]}
    assert Redactor("teacher", []).bare(reply) is reply


@pytest.mark.parametrize("page", [b"[", b"7", b"{}", b'{"data": 7}', b'{"data": [7]}', b'{"data": [{"id": ""}]}', b"[" * 9999])
def test_a_page_that_lists_no_models_is_none(page: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        pages.models(page)


@pytest.mark.parametrize("name", ["m\x1b[2J", "m\n", "m\x9b", "m" * 301, 7, None, "\u202em"])
def test_a_name_of_a_model_is_one_line_of_visible_text(name: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        pages.models(orjson.dumps({"data": [{"id": name}]}))
    assert pages.models(b'{"data": [{"id": "org/Model [x]-7B"}]}') == ["org/Model [x]-7B"]

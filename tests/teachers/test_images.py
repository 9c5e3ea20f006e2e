"""Images in requests: what goes out, what stands in the key, and what is kept."""

import asyncio
import base64
import hashlib
import os
import zlib
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.errors import BuildError
from builders.ledger.ledger import Ledger
from builders.params.roles import Role, Sampling
from builders.teachers import api
from builders.teachers.api import Identity, Reply, Request
from builders.teachers.budget import Budget
from builders.teachers.connection import Connection
from builders.teachers.endpoint import EndpointTeacher, RunContext
from builders.teachers.pace import Pace
from builders.teachers.server import Server as Address
from tests.doubles.teacher import Answer, serving

SAMPLING = Sampling(temperature=0.0, top_p=1.0, max_tokens=9)
ROLE = Role(model="double", revision=None, server=None, api="chat", engine=None, sampling=SAMPLING, prices=None, repairs=0)
WHO = Identity("server", "double", None)

PNG, JPEG, GIF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a"
WEBP = b"RIFF\x1a\x00\x00\nWEBP"
KINDS = {"png": PNG, "jpeg": JPEG, "gif": GIF, "webp": WEBP}


def drawn(kind: bytes = PNG, seed: int = 0) -> bytes:
    """Return bytes that begin as an image of a kind does."""
    return kind + zlib.compress(b"%d" % seed)


def about(*files: Path, text: str = "What is this?") -> Request:
    parts, images = zip(*map(api.image, files), strict=True)
    messages: list[dict[str, Any]] = [{"role": "user", "content": [*parts, {"type": "text", "text": text}]}]
    return Request("synthesize", "teacher", "family:0123456789abcdef", 0, api.chat(ROLE, messages), tuple(images))


def key(request: Request) -> str:
    return api.key(api.asker(WHO, ROLE), request.index, api.sent(WHO, request))


def ask(ledger: Path, url: str, *requests: Request) -> list[Reply]:
    async def asked() -> list[Reply]:
        with Ledger(ledger) as opened:
            books = RunContext("family", "sample", opened, Budget("family", opened))
            async with Connection("teacher", Address(url, None), Pace(None)) as connection:
                teacher = EndpointTeacher("teacher", ROLE, connection, books)
                return [await teacher.ask(request) for request in requests]

    return asyncio.run(asked())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["figure", "figure.png", "figure.jpg"])
def test_an_image_goes_out_as_a_data_url_whose_type_its_bytes_tell(kind: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(drawn(KINDS[kind]))
    request = about(file)
    [message] = orjson.loads(api.with_images(api.sent(WHO, request), request.images))["messages"]
    url = message["content"][0]["image_url"]["url"]
    head, _, data = url.partition(",")
    assert head == f"data:image/{kind};base64"
    assert base64.b64decode(data, validate=True) == file.read_bytes()
    assert message["content"][1] == {"type": "text", "text": "What is this?"}


def test_the_server_gets_the_bytes_and_the_ledger_only_their_hash(tmp_path: Path) -> None:
    files = [tmp_path / "one.png", tmp_path / "two.jpg"]
    for file, kind in zip(files, (PNG, JPEG), strict=True):
        file.write_bytes(drawn(kind, seed=7))
    path = tmp_path / "ledger.sqlite"
    with serving(lambda _: Answer("a figure")) as server:
        [reply] = ask(path, server.url, about(*files))
        content = server.asked[0].body["messages"][0]["content"]
        sent = [base64.b64decode(part["image_url"]["url"].partition(",")[2]) for part in content[:2]]
        assert sent == [file.read_bytes() for file in files]
        assert ask(path, server.url, about(*files)) == [reply]
        assert len(server.asked) == 1
    with Ledger(path, read_only=True) as ledger:
        [(_, entry)] = ledger.entries()
    names = [f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files]
    assert orjson.loads(entry.own) == ["family:0123456789abcdef", 0, None, 0, names]
    for file in files:
        assert base64.b64encode(file.read_bytes()) not in b"".join(entry)
        assert base64.b64encode(file.read_bytes()) not in path.read_bytes()


def test_the_key_follows_the_bytes_of_an_image_not_its_path_or_its_age(tmp_path: Path) -> None:
    file, other = tmp_path / "figure.png", tmp_path / "deeper" / "another.jpg"
    other.parent.mkdir()
    file.write_bytes(drawn())
    other.write_bytes(drawn())
    before = key(about(file))
    assert key(about(other)) == before
    os.utime(file, ns=(1, 1))
    assert key(about(file)) == before
    file.write_bytes(drawn(seed=1))
    assert key(about(file)) != before
    os.utime(file, ns=(1, 2))
    file.write_bytes(drawn())
    assert key(about(file)) == before


def test_the_order_of_images_is_part_of_the_key(tmp_path: Path) -> None:
    one, two = tmp_path / "one.png", tmp_path / "two.png"
    one.write_bytes(drawn(seed=1))
    two.write_bytes(drawn(seed=2))
    assert len({key(about(one, two)), key(about(two, one)), key(about(one)), key(about(one, one))}) == 4


@settings(derandomize=True, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(), st.binary(max_size=200))
def test_what_is_sent_is_what_the_key_was_made_of_but_for_the_image(tmp_path: Path, text: str, content: bytes) -> None:
    file = tmp_path / "figure.png"
    file.write_bytes(PNG + content)
    request = about(file, text=text or f"sha256:{hashlib.sha256(PNG + content).hexdigest()}")
    body = api.sent(WHO, request)
    data = f"data:image/png;base64,{base64.b64encode(PNG + content).decode()}"
    expected = orjson.loads(body)
    expected["messages"][0]["content"][0]["image_url"]["url"] = data
    assert orjson.loads(api.with_images(body, request.images)) == expected


def test_an_image_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"figure\.png: the image cannot be read: No such file"):
        about(tmp_path / "figure.png")


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"<svg/>", b"RIFF....WAVE", PNG[:4]])
def test_a_file_that_is_no_image_is_one_clear_line(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "figure.png").write_bytes(content)
    with pytest.raises(BuildError, match=r"figure\.png: no PNG, JPEG, GIF or WebP"):
        about(tmp_path / "figure.png")


@pytest.mark.parametrize("change", ["changed", "gone"])
def test_an_image_that_changes_on_the_way_is_not_sent_under_the_old_key(change: str, tmp_path: Path) -> None:
    file = tmp_path / "figure.png"
    file.write_bytes(drawn())
    request = about(file)
    if change == "gone":
        file.unlink()
    else:
        file.write_bytes(drawn(seed=1))
    with serving(lambda _: Answer("a figure")) as server:
        with pytest.raises(BuildError, match=r"figure\.png: the image (has changed since|cannot be read)"):
            ask(tmp_path / "ledger.sqlite", server.url, request)
        assert server.asked == []

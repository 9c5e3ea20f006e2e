"""Sealed files: what is written is read, no damaged byte passes, and what is sealed but not ours is one line."""

import base64
import hashlib
import random
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.errors import BuildError
from builders.ledger.ledger import Entry
from builders.records import canonical, digest
from builders.sealed import form, sealing, unsealing
from builders.sealed.form import PLACES, Answerer, Content, Edit, Failure, Header, Part, SealedReply, SourceFile
from builders.sealed.sealing import PART_BYTES, Pen

HEADER = Header(
    family="quiz",
    profile="sample",
    tracewright="0",
    release=digest("release"),
    made_with={"code": digest("code")},
    answerers={"teacher": Answerer(server="double", model="m", revision=None)},
)
VALUES = st.recursive(st.none() | st.integers(-9, 9) | st.text(max_size=9), lambda values: st.lists(values, max_size=3))
TEXTS = st.none() | st.text()
REPLIES = st.fixed_dictionaries({"content": TEXTS, "finish_reason": TEXTS}, optional={"logprobs": VALUES})
ENTRIES = st.builds(Entry, VALUES.map(canonical), VALUES.map(canonical), REPLIES.map(canonical))
KEYS = st.text().map(digest)
ANSWERS = st.builds(SealedReply, KEYS, ENTRIES) | st.builds(
    Failure, KEYS, st.dictionaries(st.text(max_size=5), VALUES, max_size=3).map(orjson.dumps)
)
OPENING = {"format": form.FORMAT, "header": HEADER.model_dump()}
ABOUT = {"about": 0, "body": {}}
REPLY = {"reply": digest("key"), "about": 0, "own": [], "said": {"content": "text", "finish_reason": "stop"}}
SOURCE = {"source": "own.csv", "sha256": hashlib.sha256(b"abc").hexdigest(), "license": "MIT", "inside": 3}
EDIT = hashlib.sha256(b"text").hexdigest()
PART = {"part": base64.b64encode(b"abc").decode()}


def write(path: Path, contents: list[Any], sources: dict[str, tuple[bytes, bool]] | None = None) -> None:
    """Write a sealed file; a source is its bytes and whether they are to be inside."""
    with sealing.writing(path, HEADER) as pen:
        for content in contents:
            if isinstance(content, SealedReply):
                pen.reply(content.key, content.entry)
            else:
                pen.failure(content.key, content.evidence)
        for name, (data, inside) in (sources or {}).items():
            file = path.with_name(name)
            file.write_bytes(data)
            pen.source(file, "MIT", inside=inside)


def write_lines(path: Path, *lines: Any) -> None:  # noqa: ANN401
    """Seal any lines: JSON values, or bytes as they are."""
    text = b"".join(line if isinstance(line, bytes) else orjson.dumps(line) + b"\n" for line in lines)
    write_frames(path, zstandard.compress(text))


def write_frames(path: Path, content: bytes) -> None:
    """Seal any bytes."""
    seal = orjson.dumps({"seal": hashlib.sha256(content).hexdigest()}) + b"\n"
    raw_block = (len(seal) * 8 + 1).to_bytes(3, "little")
    path.write_bytes(content + bytes.fromhex("28b52ffd20") + bytes([len(seal)]) + raw_block + seal)


def read(path: Path) -> list[Content]:
    """Read a sealed file twice, for that is what an import does."""
    with unsealing.opened(path) as (header, contents):
        assert header == HEADER
        first = list(contents())
        assert list(contents()) == first
        return first


@settings(max_examples=60, deadline=None, derandomize=True)
@given(contents=st.lists(ANSWERS, max_size=20))
def test_what_is_written_is_read_in_its_order(contents: list[Content], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("sealed") / "x.ledger.zst"
    write(path, contents)
    assert read(path) == contents


def test_more_that_requests_share_than_there_are_places_is_kept_apart(tmp_path: Path) -> None:
    order = random.Random(0).choices(range(3 * PLACES), k=2000)  # noqa: S311
    reply = canonical(REPLY["said"])
    contents: list[Content] = [
        SealedReply(digest(n), Entry(canonical({"n": shared}), b"[]", reply)) for n, shared in enumerate(order)
    ]
    write(tmp_path / "x.ledger.zst", contents)
    assert read(tmp_path / "x.ledger.zst") == contents


def test_sources_come_in_parts_or_by_name_only(tmp_path: Path) -> None:
    large = random.Random(0).randbytes(2 * PART_BYTES + 5)  # noqa: S311
    files = {"large.csv": (large, True), "empty.csv": (b"", True), "hidden.csv": (b"secret", False)}
    write(tmp_path / "x.ledger.zst", [], files)
    found = read(tmp_path / "x.ledger.zst")
    sources = [content for content in found if isinstance(content, SourceFile)]
    assert [(source.source, source.license, source.inside) for source in sources] == [
        ("large.csv", "MIT", len(large)),
        ("empty.csv", "MIT", 0),
        ("hidden.csv", "MIT", None),
    ]
    assert [source.sha256 for source in sources] == [hashlib.sha256(data).hexdigest() for data, _ in files.values()]
    assert b"".join(content.content for content in found if isinstance(content, Part)) == large


def test_the_file_is_json_lines_under_zstd_and_ends_in_the_seal_of_the_bytes_before(tmp_path: Path) -> None:
    path = tmp_path / "x.ledger.zst"
    write(path, [SealedReply(digest(1), Entry(b"{}", b"[]", canonical(REPLY["said"])))])
    content = path.read_bytes()
    first = zstandard.ZstdDecompressor().decompressobj()
    lines = [orjson.loads(line) for line in first.decompress(content).splitlines()]
    assert [next(iter(line)) for line in lines] == ["format", "about", "reply"]
    seal = orjson.loads(zstandard.ZstdDecompressor().decompress(first.unused_data))
    assert seal == {"seal": hashlib.sha256(content[: -len(first.unused_data)]).hexdigest()}


@settings(max_examples=300, deadline=None, derandomize=True)
@given(data=st.data())
def test_no_damage_passes(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("sealed") / "x.ledger.zst"
    write(path, [SealedReply(digest(1), Entry(b"{}", b"[]", canonical(REPLY["said"])))], {"own.csv": (b"a,b\n1,2\n", True)})
    content = path.read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    damaged = data.draw(
        st.sampled_from(
            [
                content[:place] + bytes([content[place] ^ (1 << data.draw(st.integers(0, 7)))]) + content[place + 1 :],
                content[:place],
                content[:place] + content[place + 1 :],
                content[:place] + b"\0" + content[place:],
                content + content[place:],
            ]
        )
    )
    path.write_bytes(damaged)
    with pytest.raises(BuildError, match="the seal is broken"), unsealing.opened(path):
        pass


def test_what_stands_alone_or_at_its_bound_is_read(tmp_path: Path) -> None:
    said = {"content": None, "finish_reason": None}
    write_lines(
        tmp_path / "x",
        OPENING,
        {"failure": digest("failed"), "evidence": {"b": 1, "a": 2}},
        {**ABOUT, "about": PLACES - 1},
        {**REPLY, "about": PLACES - 1, "said": said},
        {"edit": EDIT, "text": "text"},
        {**SOURCE, "source": "x" * 200, "inside": None},
    )
    assert read(tmp_path / "x") == [
        Failure(digest("failed"), b'{"b":1,"a":2}'),
        SealedReply(digest("key"), Entry(b"{}", b"[]", canonical(said))),
        Edit(EDIT, "text"),
        SourceFile(source="x" * 200, sha256=str(SOURCE["sha256"]), license="MIT", inside=None),
    ]


def test_a_source_that_changes_while_it_is_sealed_is_named(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    for other in (b"abcd", b"abd"):
        file.write_bytes(b"abc")
        pen = Pen(lambda line, other=other: file.write_bytes(other) if b'"source"' in line else 0, HEADER)  # type: ignore[misc]
        with pytest.raises(BuildError, match=r"own\.csv: it changes while it is read; let it rest and run again"):
            pen.source(file, "MIT", inside=True)
        file.write_bytes(b"abc")
        pen.source(file, "MIT", inside=False)


@pytest.mark.parametrize("content", [b"", b"short", b'{"format": "other"}\n' * 100, zstandard.compress(b"{}\n" * 100)])
def test_what_is_no_sealed_file_is_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(BuildError, match="the seal is broken: the file is torn or was changed, or is not a sealed ledger"):
        read(path)


@pytest.mark.parametrize("name", ["missing", "."])
def test_what_cannot_be_read_is_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="cannot be read: "), unsealing.opened(tmp_path / name):
        pass


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ([], ":1"),
        ([[]], ":1"),
        ([{**OPENING, "more": 1}], ":1"),
        ([{**OPENING, "header": {}}], ":1"),
        ([OPENING, b"{"], ":2"),
        ([OPENING, b'{"about": 0, "body": {}}'], ":2"),
        ([OPENING, []], ":2"),
        ([OPENING, {}], ":2"),
        ([OPENING, OPENING], ":2"),
        ([OPENING, {"note": "answerer"}], ":2"),
        ([OPENING, REPLY], ":2"),
        ([OPENING, {**ABOUT, "about": PLACES}], ":2"),
        ([OPENING, {**ABOUT, "about": "0"}], ":2"),
        ([OPENING, ABOUT, {**REPLY, "reply": "0" * 63}], ":3"),
        ([OPENING, ABOUT, {**REPLY, "reply": "G" * 64}], ":3"),
        ([OPENING, ABOUT, {**REPLY, "about": 1}], ":3"),
        ([OPENING, ABOUT, {**REPLY, "said": {"content": "text"}}], ":3"),
        ([OPENING, ABOUT, {**REPLY, "said": {"content": 7, "finish_reason": None}}], ":3"),
        ([OPENING, ABOUT, REPLY, {"failure": digest("key"), "evidence": []}], ":4"),
        ([OPENING, PART], ":2"),
        ([OPENING, SOURCE, PART, PART], ""),
        ([OPENING, SOURCE, PART, ABOUT, PART], ":5"),
        ([OPENING, SOURCE, PART, SOURCE], ":4"),
        ([OPENING, SOURCE], ""),
        ([OPENING, SOURCE, {"part": "YWI="}, ABOUT], ":4"),
        ([OPENING, SOURCE, {"part": "YWJj!"}], ":3"),
        ([OPENING, {**SOURCE, "inside": None}, PART], ":3"),
        ([OPENING, {**SOURCE, "inside": -1}], ":2"),
        ([OPENING, {**SOURCE, "inside": 2}, PART], ""),
        ([OPENING, {**SOURCE, "sha256": digest("other")}, PART], ""),
        ([OPENING, {"edit": digest("text"), "text": "another text"}], ":2"),
        ([OPENING, {"edit": EDIT, "text": 7}], ":2"),
        ([OPENING, {**ABOUT, "about": -1}], ":2"),
        *(([OPENING, {**SOURCE, "source": name}], ":2") for name in ("", ".", "..", "../own.csv", "/own.csv", "a\\b", "a\0b")),
    ],
)
def test_what_is_sealed_but_not_ours_is_one_line(lines: list[Any], place: str, tmp_path: Path) -> None:
    path = tmp_path / "x.ledger.zst"
    write_lines(path, *lines)
    with pytest.raises(BuildError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}{place}: sealed, but not what a sealed ledger holds; ")


def test_what_is_sealed_but_not_compressed_is_one_line(tmp_path: Path) -> None:
    write_frames(tmp_path / "x", orjson.dumps(OPENING) + b"\n")
    with pytest.raises(BuildError, match="sealed, but not with zstd"):
        read(tmp_path / "x")


def test_another_format_is_named(tmp_path: Path) -> None:
    write_lines(tmp_path / "x", {"format": "tracewright ledger 9", "header": "whatever"})
    with pytest.raises(BuildError, match="of the format 'tracewright ledger 9', not 'tracewright ledger 1'"):
        read(tmp_path / "x")

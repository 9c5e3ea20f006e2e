"""Rows: their names, their hashes, and how they lie on disk."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import atomic, records, shards
from builders.errors import BuildError
from builders.provenance import Answerer, Provenance, Reviewed
from builders.records import Record, Rejection
from tests.harness import OWN

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
)
_JSON: st.SearchStrategy[Any] = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)
_OBJECTS = st.dictionaries(st.text(), _JSON, max_size=4)
_TEXT_OR_NONE = st.none() | st.text()
_ANSWERERS = st.builds(Answerer, st.text(), st.text(), _TEXT_OR_NONE, _TEXT_OR_NONE)
_PROVENANCES = st.builds(
    Provenance,
    source=st.text(),
    license=st.text(),
    source_key=_TEXT_OR_NONE,
    source_row=st.none() | st.integers(0, 2**40),
    source_file=_TEXT_OR_NONE,
    answers=st.none() | st.just("symbolic"),
    pinned=st.dictionaries(st.sampled_from(["sha256", "repository", "revision", "generator", "seed"]), _SCALARS),
    answerers=st.dictionaries(st.sampled_from(["teacher", "judge", "policy"]), _ANSWERERS),
    review=st.none() | st.builds(Reviewed, st.sampled_from(["accept", "stale"]), st.integers(0, 9)),
)
_RECORDS = st.builds(
    Record, id=st.text(), subset=st.text(), parent=st.none() | st.text(), provenance=_PROVENANCES, data=_OBJECTS
)
_REJECTIONS = st.builds(Rejection, reason=st.text(), evidence=_OBJECTS)
_PLAIN = Record("own:0123456789abcdef", "default", None, OWN, {"instruction": "hello there"})
_SOMEONE = Answerer("a server", "a model", None, None)


def test_a_row_id_is_what_it_has_always_been() -> None:
    """Ids are in released rows and recorded replies: a change of this value renames every row there is."""
    assert records.row_id("toy", "sample_prompts", "p001") == "toy:939e82db5c715e4e"
    assert records.row_id("toy", "sample_prompts", "p001", 0) == "toy:5c149095642ef438"


def test_a_row_id_depends_on_each_of_its_parts() -> None:
    parts: list[tuple[str, str, str, int | None]] = [
        ("a", "b", "c", None),
        ("x", "b", "c", None),
        ("a", "x", "c", None),
        ("a", "b", "x", None),
        ("a", "b", "c", 0),
        ("a", "b", "c", 1),
        ("a", "bc", "", None),
        ("a", "", "bc", None),
    ]
    names = [records.row_id(*each) for each in parts]
    assert len(set(names)) == len(parts)
    assert [name.partition(":")[0] for name in names] == [family for family, *_ in parts]
    assert all(re.fullmatch("[ax]:[0-9a-f]{16}", name) for name in names)


@settings(derandomize=True, max_examples=200)
@given(st.text(), st.text())
def test_normalised_text_is_the_same_when_normalised_again(first: str, second: str) -> None:
    once = records.normalised(f"{first} {second}")
    assert records.normalised(once) == once
    assert once == once.strip()
    assert "  " not in once
    assert records.normalised(f"\n\t{first} \u00a0\u3000 {second}\r\n") == once


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hello  World", "hello world"),
        ("caf\u00e9", "cafe\u0301"),
        ("STRASSE", "stra\u00dfe"),
        ("\uff28\uff45\uff4c\uff4c\uff4f", "hello"),
        ("a\u00a0b\u2003c", "a b c"),
        ("\ufb01re", "FIRE"),
    ],
)
def test_two_spellings_of_one_text_normalise_alike(one: str, other: str) -> None:
    assert records.normalised(one) == records.normalised(other)


@pytest.mark.parametrize(("one", "other"), [("a b", "ab"), ("problem 17", "problem 18"), ("yes.", "yes!"), ("e", "\u00e9")])
def test_different_texts_normalise_differently(one: str, other: str) -> None:
    assert records.normalised(one) != records.normalised(other)


@settings(derandomize=True, max_examples=100)
@given(st.dictionaries(st.text(), _JSON, min_size=2, max_size=6))
def test_a_digest_does_not_depend_on_the_order_of_keys(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))
    assert list(turned) != list(value)
    assert records.digest(turned) == records.digest(value)
    assert records.digest({"inner": [turned]}) == records.digest({"inner": [value]})


def test_digests_are_sha256_in_hex(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert records.bytes_digest(b"abc") == records.text_digest("abc") == records.file_digest(tmp_path / "file") == known
    assert records.text_digest("é") == records.bytes_digest(b"\xc3\xa9")
    assert records.digest({"b": [1], "a": "é"}) == records.text_digest('{"a":"é","b":[1]}')


def test_a_digest_depends_on_values_their_types_and_the_order_of_lists() -> None:
    values: list[object] = [1, 1.0, "1", True, [1], [1, 2], [2, 1], {"a": 1}, {"a": 2}, {"b": 1}, None, "", [], {}]
    assert len({records.digest(value) for value in values}) == len(values)


def test_digests_of_text_and_file_are_plain_sha256(tmp_path: Path) -> None:
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    (tmp_path / "abc").write_bytes(b"abc")
    assert records.text_digest("abc") == known
    assert records.file_digest(tmp_path / "abc") == known


@settings(derandomize=True, max_examples=200)
@given(_RECORDS, st.none() | _REJECTIONS)
def test_a_row_comes_back_from_disk_as_it_went(record: Record, rejection: Rejection | None) -> None:
    line = records.encode(record, rejection)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    found, why = records.decode(line)
    assert (found, why) == (record, rejection)
    assert records.canonical(found.facts()) == records.canonical(record.facts())


@pytest.mark.parametrize("line", [b"{}\n", b'{"id": "cut\n', b"[]\n", b"1\n"])
@pytest.mark.parametrize("read", [records.read, records.subsets, records.reasons])
def test_a_line_that_is_no_row_is_named(read: Callable[[Path], Iterator[object]], line: bytes, tmp_path: Path) -> None:
    with shards.anew(tmp_path / "rows") as append:
        append(records.encode(_PLAIN, Rejection("odd") if read is records.reasons else None) + line)
    with pytest.raises(BuildError, match=r"rows/00000.jsonl.zst: line 2 is not a row; it was changed or cut off"):
        list(read(tmp_path / "rows"))


def test_of_kept_rows_the_subsets_are_read_and_of_rejected_ones_the_reasons(tmp_path: Path) -> None:
    with records.parted(tmp_path / "kept", tmp_path / "rejected") as write:
        for subset, reason in (("a", ""), ("b", "odd"), ("b", ""), ("a", "even"), ("b", "")):
            write(replace(_PLAIN, subset=subset), Rejection(reason) if reason else None)
    assert list(records.subsets(tmp_path / "kept")) == ["a", "b", "b"]
    assert list(records.reasons(tmp_path / "rejected")) == ["odd", "even"]


def test_rows_of_a_file_are_read_in_order(tmp_path: Path) -> None:
    rows = [(_PLAIN.having(number=number), Rejection("odd") if number % 2 else None) for number in range(7)]
    with shards.anew(tmp_path / "rows") as append:
        for row in rows:
            append(records.encode(*row))
    assert list(records.read(tmp_path / "rows")) == rows


def test_changed_copies_leave_the_row_alone() -> None:
    changed = _PLAIN.having(answer="yes").answered(teacher=_SOMEONE)
    assert changed.data == {"instruction": "hello there", "answer": "yes"}
    assert changed.provenance.answerers == {"teacher": _SOMEONE}
    assert _PLAIN.data == {"instruction": "hello there"}
    assert _PLAIN.provenance == OWN


@pytest.mark.parametrize("value", [None, True, 0, 2**64 - 1, -(2**63), 0.5, "text", [1, {"a": None}]])
def test_json_values_are_plain_already(value: object) -> None:
    assert records.plain(value) == value


@pytest.mark.parametrize(
    "value", [2**64, -(2**63) - 1, b"bytes", {1, 2}, 1j, "lone \ud800 surrogate", {1: "key"}, [dt.timedelta(1)]]
)
def test_any_other_value_becomes_text_that_can_be_written(value: object) -> None:
    found = records.plain(value)
    assert isinstance(found, str)
    assert orjson.loads(orjson.dumps(found)) == found
    assert len(records.text_digest(found)) == 64


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "rows.jsonl"
    with atomic.whole(path) as file:
        file.write(b"half ")
        file.flush()
        assert not path.exists()
        file.write(b"whole")
    assert path.read_bytes() == b"half whole"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_is_replaced_only_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"old")
    with atomic.whole(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


class _OddError(Exception):
    pass


def _broken_off(path: Path, error: type[BaseException]) -> None:
    with atomic.whole(path) as file:
        file.write(b"half")
        raise error


def _parting_broken_off(kept: Path, rejected: Path) -> None:
    with records.parted(kept, rejected) as write:
        write(_PLAIN, None)
        write(_PLAIN, Rejection("odd"))
        raise _OddError


@pytest.mark.parametrize("error", [_OddError, KeyboardInterrupt])
def test_a_file_that_was_not_finished_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "rows.jsonl"
    with pytest.raises(error):
        _broken_off(path, error)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_not_finished_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"old")
    with pytest.raises(_OddError):
        _broken_off(path, _OddError)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"old"


def test_rows_are_parted_into_kept_and_rejected_in_order(tmp_path: Path) -> None:
    kept, rejected = tmp_path / "rows" / "a", tmp_path / "rejected" / "a"
    rows = [(_PLAIN.having(number=number), Rejection("odd") if number % 2 else None) for number in range(7)]
    with records.parted(kept, rejected) as write:
        for row in rows:
            write(*row)
        assert not kept.exists()
        assert not rejected.exists()
    assert list(records.read(kept)) == [row for row in rows if row[1] is None]
    assert list(records.read(rejected)) == [row for row in rows if row[1] is not None]


def test_parting_that_fails_leaves_neither_file(tmp_path: Path) -> None:
    with pytest.raises(_OddError):
        _parting_broken_off(tmp_path / "kept", tmp_path / "rejected")
    assert list(tmp_path.iterdir()) == []


@settings(derandomize=True, max_examples=200)
@given(st.integers(1, 2**40), st.lists(st.text() | st.integers(0, 99), max_size=3))
def test_a_seeded_draw_is_in_range_and_always_the_same(upper: int, parts: list[object]) -> None:
    drawn = records.seeded(upper, *parts)
    assert 0 <= drawn < upper
    assert records.seeded(upper, *parts) == drawn


def test_a_seeded_draw_is_what_it_has_always_been() -> None:
    """Seeds of requests and picks of replies are drawn so: a change of these values changes every release."""
    assert [records.seeded(1000, "pinned", number) for number in range(4)] == [202, 304, 302, 792]


def test_seeded_draws_are_about_uniform() -> None:
    """Of 5,000 draws 500 fall on each of ten values, give or take five standard deviations."""
    counts = [0] * 10
    for number in range(5000):
        counts[records.seeded(10, "uniform", number)] += 1
    assert all(abs(count - 500) < 107 for count in counts), counts

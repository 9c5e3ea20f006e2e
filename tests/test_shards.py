"""Files of a pool: how many lines they have, what becomes of a broken one, and that the whole appears at once."""

from pathlib import Path

import pytest
import zstandard

from builders import shards
from builders.errors import BuildError
from tests.harness import lines


def _laid(place: Path, count: int) -> list[bytes]:
    rows = [b"%d\n" % number for number in range(count)]
    with shards.anew(place) as append:
        for row in rows:
            append(row)
    return rows


@pytest.mark.parametrize(("count", "files"), [(0, 1), (1, 1), (shards.ROWS, 1), (shards.ROWS + 1, 2), (2 * shards.ROWS, 2)])
def test_a_pool_is_files_of_ten_thousand_lines(tmp_path: Path, count: int, files: int) -> None:
    rows = _laid(tmp_path / "pool", count)
    found = shards.files(tmp_path / "pool")
    assert [file.name for file in found] == [f"0000{number}.jsonl.zst" for number in range(files)]
    assert [len(list(shards.of(file))) for file in found[:-1]] == [10_000] * (files - 1)
    assert list(shards.lines(tmp_path / "pool")) == rows


def test_a_pool_appears_when_it_is_whole_in_the_place_of_the_one_before(tmp_path: Path) -> None:
    _laid(tmp_path / "pool", shards.ROWS + 5)
    with shards.anew(tmp_path / "pool") as append:
        append(b"new\n")
        assert len(shards.files(tmp_path / "pool")) == 2
    assert list(tmp_path.iterdir()) == [tmp_path / "pool"]
    assert lines(tmp_path / "pool") == b"new\n"


class _OddError(Exception):
    pass


def test_a_pool_that_was_not_finished_leaves_the_old_one(tmp_path: Path) -> None:
    def broken_off() -> None:
        with shards.anew(tmp_path / "pool") as append:
            append(b"half\n")
            raise _OddError

    with pytest.raises(_OddError):
        broken_off()
    assert list(tmp_path.iterdir()) == []
    _laid(tmp_path / "pool", 3)
    with pytest.raises(_OddError):
        broken_off()
    assert lines(tmp_path / "pool") == b"0\n1\n2\n"


def test_there_is_no_pool_where_there_is_no_folder(tmp_path: Path) -> None:
    assert shards.files(tmp_path / "none") == []
    assert list(shards.lines(tmp_path / "none")) == []


@pytest.mark.parametrize("keep", [0, 5, -1])
def test_a_file_that_ends_too_early_is_named(tmp_path: Path, keep: int) -> None:
    _laid(tmp_path / "pool", 100)
    [file] = shards.files(tmp_path / "pool")
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(BuildError, match=r"00000.jsonl.zst: the file ends too early; it was changed or cut off"):
        list(shards.of(file))


def test_a_file_whose_last_line_is_cut_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.zst").write_bytes(zstandard.compress(b"whole\nhal"))
    with pytest.raises(BuildError, match="ends too early"):
        list(shards.of(tmp_path / "a.zst"))


def test_a_file_that_is_not_compressed_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.zst").write_bytes(b"plain text\n")
    with pytest.raises(BuildError, match="is not compressed as it was written"):
        list(shards.of(tmp_path / "a.zst"))


def test_lines_longer_than_what_is_read_at_once_come_back(tmp_path: Path) -> None:
    rows = [bytes([65 + number]) * (3 << 20) + b"\n" for number in range(3)]
    with shards.anew(tmp_path / "pool") as append:
        for row in rows:
            append(row)
    assert list(shards.lines(tmp_path / "pool")) == rows


def test_pools_are_joined_in_their_order(tmp_path: Path) -> None:
    first, second = _laid(tmp_path / "a", 3), _laid(tmp_path / "b", shards.ROWS)
    shards.joined([tmp_path / "a", tmp_path / "b"], tmp_path / "both")
    assert list(shards.lines(tmp_path / "both")) == first + second
    assert len(shards.files(tmp_path / "both")) == 2


def test_a_digest_is_that_of_the_lines(tmp_path: Path) -> None:
    _laid(tmp_path / "a", 3)
    with shards.writing(tmp_path / "b" / "00000.jsonl.zst") as append:
        append(b"0\n")
    with shards.writing(tmp_path / "b" / "00001.jsonl.zst") as append:
        append(b"1\n2\n")
    assert shards.digest(tmp_path / "a") == shards.digest(tmp_path / "b")
    assert shards.digest(tmp_path / "a") != shards.digest(tmp_path / "none")


def test_files_are_put_in_place_and_stay_where_they_were(tmp_path: Path) -> None:
    _laid(tmp_path / "a", 3)
    _laid(tmp_path / "place", shards.ROWS + 1)
    [file] = shards.files(tmp_path / "a")
    shards.linked([file, file], tmp_path / "place")
    assert lines(tmp_path / "place") == b"0\n1\n2\n" * 2
    assert lines(tmp_path / "a") == b"0\n1\n2\n"


def test_a_copy_has_as_many_files(tmp_path: Path) -> None:
    rows = _laid(tmp_path / "a", shards.ROWS + 1)
    shards.copied(tmp_path / "a", tmp_path / "b")
    shards.copied(tmp_path / "a", tmp_path / "c", empty=True)
    assert list(shards.lines(tmp_path / "b")) == rows
    assert (len(shards.files(tmp_path / "c")), lines(tmp_path / "c")) == (2, b"")


def test_where_a_file_cannot_have_a_second_name_it_is_copied(tmp_path: Path) -> None:
    one, other, third = (tmp_path / name for name in ("one", "other", "third"))
    one.write_bytes(b"text")
    other.write_bytes(b"older text")
    shards.link(one, other)
    shards.link(one, third)
    assert (other.read_bytes(), third.read_bytes()) == (b"text", b"text")
    assert (other.samefile(one), third.samefile(one)) == (False, True)

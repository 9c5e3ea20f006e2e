"""A claim is a locked byte where others have the ledger open: what the system says of it decides."""

import errno
import fcntl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from builders.errors import BuildError
from builders.ledger.claims import Claims

KEY, OTHER = bytes(range(16)), bytes(range(1, 17))


@pytest.fixture
def claims(tmp_path: Path) -> Iterator[Claims]:
    """Claims that are locked in files, as where another process has the ledger open."""
    with closing(Claims(tmp_path / "claims", 1.0)) as found:
        found._folder.alone = False  # noqa: SLF001
        yield found


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.EACCES])
def test_a_key_whose_byte_is_locked_by_another_is_not_ours(
    number: int, claims: Claims, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(number, "taken")

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "fcntl", refused)
        assert not claims.take(KEY)
    assert claims.held == set()
    assert claims.take(KEY)
    assert not claims.take(KEY)
    assert claims.held == {KEY}


def test_a_lock_that_the_system_does_not_have_is_one_line(claims: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "fcntl", refused)
        with pytest.raises(BuildError) as caught:
            claims.take(KEY)
    assert caught.value.what == "the ledger fails: [Errno 37] No locks available"
    assert caught.value.fix == "raise the system's limit of locks, or run fewer processes at once"


def test_only_keys_that_are_ours_are_given_back(claims: Claims, tmp_path: Path) -> None:
    with closing(Claims(tmp_path / "claims", 1.0)) as second:
        assert (claims.take(KEY), second.take(KEY), second.take(OTHER)) == (True, False, True)
        second.free([KEY, OTHER])
        assert (claims.held, second.held) == ({KEY}, set())
        claims.free([KEY])
        assert second.take(KEY)

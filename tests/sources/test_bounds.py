"""Bounds of time, of memory, and of what is unpacked: what is beyond them is stopped, and nothing afterwards is."""

import io
import resource
import signal
import subprocess
import sys
import threading
from itertools import count
from pathlib import Path

import pytest

from builders.errors import BuildError
from builders.sources import bounds
from tests.harness import PROJECT


def test_what_takes_too_long_is_stopped_and_what_comes_after_is_not() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(bounds.UnboundedError), bounds.timed(0.05):
        for _ in count():
            pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) == before
    with bounds.timed(60):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 50
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_another_thread_is_not_timed() -> None:
    seen = []

    def work() -> None:
        with bounds.timed(60):
            seen.append(signal.getitimer(signal.ITIMER_REAL)[0])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not 0 < seen[0] <= 60  # it may be that of pytest


_ROOM = """
import resource
from builders.sources import bounds

def fits(size):
    try:
        return len(bytearray(size)) == size
    except MemoryError:
        return False

before = resource.getrlimit(resource.RLIMIT_AS)
with bounds.room(1 << 28):
    print(fits(1 << 26), fits(1 << 29), resource.getrlimit(resource.RLIMIT_AS)[1] == before[1])
print(fits(1 << 29), resource.getrlimit(resource.RLIMIT_AS) == before)
"""


@pytest.mark.parametrize(
    "limited", ["", "resource.setrlimit(resource.RLIMIT_AS, (1 << 36, before[1]))\nbefore = (1 << 36, before[1])\n"]
)
def test_memory_is_bounded_within_the_block_alone(limited: str) -> None:
    head, mark, rest = _ROOM.partition("with ")
    command = [sys.executable, "-c", head + limited + mark + rest]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout == "True False True\nTrue True\n"


def test_a_bound_that_the_system_has_already_is_not_widened() -> None:
    narrow = 1 << 36
    code = (
        f"import resource\nfrom builders.sources import bounds\nresource.setrlimit(resource.RLIMIT_AS, ({narrow}, {narrow}))\n"
    )
    code += "with bounds.room(1 << 40):\n    print(resource.getrlimit(resource.RLIMIT_AS)[0])\n"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout == f"{narrow}\n"
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != narrow


def test_where_the_system_does_not_say_how_much_memory_is_used_none_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError

    before = resource.getrlimit(resource.RLIMIT_AS)
    with bounds.room(1 << 40):
        assert 1 << 40 < resource.getrlimit(resource.RLIMIT_AS)[0] < 1 << 48
    monkeypatch.setattr(Path, "read_text", refuse)
    with bounds.room(1 << 40):
        assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_what_is_read_is_counted() -> None:
    counted = bounds.Counted(io.BytesIO(b"abcdefg"))
    assert counted.readable()
    assert (counted.read(3), counted.count) == (b"abc", 3)
    assert (counted.read(9), counted.count) == (b"defg", 7)
    assert (counted.read(9), counted.count) == (b"", 7)


def test_a_file_may_unpack_to_so_much_and_so_many_times_its_size() -> None:
    room = bounds.Room("a.gz", lambda: 5, 100, 20)
    assert [room.take(count) for count in (100, 1, 99)] == [100, 1, 99]
    with pytest.raises(BuildError) as caught:
        room.take(1)
    what = "unpacks to more than 100 bytes and 20 times its own size; unpack it yourself if it is what it should be"
    assert str(caught.value) == f"a.gz: {what}"


def test_what_is_unpacked_is_read_whole_as_long_as_there_is_room() -> None:
    class Raw(io.BytesIO, io.RawIOBase):
        """What unpacks."""

    unpacked = bounds.Unpacked(Raw(b"abcdef"), bounds.Room("a.gz", lambda: 0, 4, 1))
    assert unpacked.readable()
    assert unpacked.read(4) == b"abcd"
    with pytest.raises(BuildError, match=r"^a\.gz: unpacks to more than 4 bytes"):
        unpacked.read(1)

"""Commands in a box that want more than there is: time, memory, disk, processes, files."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from builders.sandbox import bubblewrap
from builders.sandbox.box import HOME, Backend, BoxEndedError, Limits, put
from tests.harness import PROJECT

pytestmark = pytest.mark.sandbox


def left(word: str) -> list[str]:
    """Return the processes of this machine that have a word among their arguments."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if word.encode() in line and int(entry.name) != os.getpid():
                found.append(line.decode(errors="replace"))
    return found


@pytest.mark.parametrize(
    "way",
    [
        pytest.param("sleep 777.1", id="waits"),
        pytest.param("sleep 777.1 & sleep 777.1 & wait", id="daemons"),
        pytest.param("setsid sh -c 'setsid sleep 777.1 & sleep 777.1' & sleep 777.1", id="own sessions"),
        pytest.param("trap '' TERM INT HUP; while :; do :; done; sleep 777.1", id="deaf to signals"),
    ],
)
def test_nothing_outlives_the_time_limit(backend: Backend, way: str) -> None:
    with backend.opened(Limits()) as box:
        assert box.run(["sh", "-c", way], seconds=1).exit_code is None
        assert box.run(["sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"]).stdout.count("sleep 777.1") == 0
        assert box.run(["echo", "on"]).stdout == "on\n"
    assert left("777.1") == []


def test_a_fork_bomb_stops_at_the_limit_and_is_ended(backend: Backend) -> None:
    with backend.opened(Limits(processes=24)) as box:
        try:
            box.run(["sh", "-c", "b() { b | b & }; b; sleep 777.2"], seconds=2)
            box.settle()
            assert box.run(["echo", "on"]).stdout == "on\n"
        except BoxEndedError:
            assert backend.own_kernel  # gVisor's kernel may give up as a whole
    assert left("777.2") == []


def test_what_runs_in_the_background_goes_on_until_it_is_settled_and_services_longer(backend: Backend) -> None:
    with backend.opened(Limits()) as box:
        box.run(["sh", "-c", "while :; do date +%N >>beat; sleep 0.05; done >/dev/null 2>&1 &"])
        box.keep()
        box.run(["sh", "-c", "while :; do date +%N >>other; sleep 0.05; done >/dev/null 2>&1 &"])
        box.settle()
        script = "wc -l <$0; sleep 2; wc -l <$0"
        assert len(set(box.run(["sh", "-c", script, "beat"]).stdout.split())) == 2
        assert len(set(box.run(["sh", "-c", script, "other"]).stdout.split())) == 1


def test_one_process_cannot_have_more_memory_than_its_limit(backend: Backend) -> None:
    with backend.opened(Limits(process_bytes=2**27)) as box:
        assert box.run(["sh", "-c", "head -c 300000000 /dev/zero | tail -c 300000000 | wc -c"]).stdout != "300000000\n"


def test_a_box_above_its_memory_is_ended(backend: Backend) -> None:
    greedy = "for n in 1 2 3 4 5 6; do (head -c 90000000 /dev/zero | tail -c 90000000 | sleep 8) & done; wait"
    with backend.opened(Limits(memory_bytes=2**28)) as box, pytest.raises(BoxEndedError) as ended:
        box.run(["sh", "-c", greedy], seconds=15)
    assert ended.value.why in {"memory", "gone"}


def test_the_disk_is_bounded(backend: Backend) -> None:
    script = (
        "n=0; while [ $n -lt 20 ]; do head -c 4000000 /dev/zero >$1/f$n || break; n=$((n + 1)); done; "
        "find $1 -name 'f*' -printf '%s ' | tr -s ' ' '+' | sed 's|+$||'; rm -f $1/f*"
    )
    with backend.opened(Limits(disk_bytes=2**24, memory_bytes=2**26 if backend.own_kernel else 2**29)) as box:
        for folder in (HOME, "/tmp", "/dev/shm"):  # noqa: S108
            if backend.own_kernel:  # its disk is memory, and counts as that
                with pytest.raises(BoxEndedError, match="memory"):
                    box.run(["sh", "-c", script, "sh", folder])
                return
            done = box.run(["sh", "-c", script, "sh", folder])
            assert sum(map(int, filter(None, done.stdout.split("+")))) <= 2**24


def test_the_number_of_files_is_bounded() -> None:
    script = "n=0; while [ $n -lt 3000 ]; do : >f$n; n=$((n + 1)); done; sleep 5"
    with bubblewrap.opened(Limits(files=500)) as box, pytest.raises(BoxEndedError) as ended:
        box.run(["sh", "-c", script])
    assert ended.value.why == "files"


def test_an_output_is_cut_at_the_limit(backend: Backend) -> None:
    with backend.opened(Limits(file_bytes=1000)) as box:
        assert len(box.run(["sh", "-c", "yes | head -c 100000"]).stdout) <= 1000


def test_a_box_has_a_lifetime(backend: Backend) -> None:
    with backend.opened(Limits(box_seconds=2)) as box, pytest.raises(BoxEndedError) as ended:
        box.run(["sleep", "15"])
    assert ended.value.why in {"lifetime", "gone"}


def test_an_agent_that_kills_all_it_can_does_not_end_its_box(backend: Backend) -> None:
    with backend.opened(Limits()) as box:
        box.run(["sh", "-c", "kill -9 -1; kill -9 1"])
        assert box.run(["echo", "on"]).stdout == "on\n"


def traces() -> tuple[str, int]:
    """Return the mounts of this process, and how many files it has open."""
    return Path("/proc/self/mounts").read_text(), len(list(Path("/proc/self/fd").iterdir()))


def test_twenty_boxes_at_once_leave_nothing_behind() -> None:
    before = traces()
    with ExitStack() as stack:
        boxes = [stack.enter_context(bubblewrap.opened(Limits())) for _ in range(20)]
        for number, box in enumerate(boxes):
            put(box, {f"{HOME}/own": f"{number}".encode()})
        assert [box.run(["cat", "own"]).stdout for box in boxes] == [f"{number}" for number in range(20)]
        holders = [box.holder for box in boxes]
    assert [pid for pid in holders if Path(f"/proc/{pid}").exists()] == []
    assert traces() == before


_KILLED = """
import sys, os, signal
from builders.sandbox import bubblewrap
from builders.sandbox.box import Limits
with bubblewrap.opened(Limits()) as box:
    print(box.holder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_box_dies_with_the_process_that_opened_it() -> None:
    done = subprocess.run([sys.executable, "-c", _KILLED], cwd=PROJECT, capture_output=True, text=True, check=False)
    holder = Path("/proc") / done.stdout.strip()
    until = time.monotonic() + 10
    while holder.exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert not holder.exists()


_AS_NOBODY = """
from builders.sandbox import bubblewrap
from builders.sandbox.box import Limits
with bubblewrap.opened(Limits(processes=20)) as box:
    print(box.run(["id", "-u"]).stdout, box.run(["sh", "-c", "b() { b | b & }; b; sleep 9"], seconds=1).exit_code)
    box.settle()
    print(box.run(["echo", "on"]).stdout)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="is what everybody else does anyway")
@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="no python that anybody may run")
def test_no_privilege_is_needed_to_open_a_box() -> None:
    """The room asks for the standard library alone, so that the system's python can open one as nobody in particular."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        shutil.copytree(PROJECT / "builders", folder / "builders", ignore=shutil.ignore_patterns("__pycache__"))
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755)
        done = subprocess.run(
            ["/usr/bin/python3", "-B", "-c", _AS_NOBODY],
            cwd=folder,
            user=231_234,
            group=231_234,
            extra_groups=(),
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": name},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.stdout.split() == ["1000", "None", "on"], done.stderr


def test_limits_of_this_process_stay_as_they_were() -> None:
    names = ("RLIMIT_NPROC", "RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_NOFILE")
    before = [resource.getrlimit(getattr(resource, name)) for name in names]
    with bubblewrap.opened(Limits()) as box:
        box.run(["true"])
    assert [resource.getrlimit(getattr(resource, name)) for name in names] == before

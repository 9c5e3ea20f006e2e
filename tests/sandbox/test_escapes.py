"""Commands in a box that try to get out of it, and fail; each has a control on the host, or a mark that would show success."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from builders.sandbox.box import HOME, Box, put

pytestmark = pytest.mark.sandbox
SECRET = "toy-secret-of-the-host"  # noqa: S105


def sh(box: Box, script: str, *arguments: str) -> str:
    """Run a script and return all that it printed."""
    done = box.run(["sh", "-c", script, "sh", *arguments])
    return done.stdout + done.stderr


@pytest.fixture
def outside() -> Iterator[Path]:
    """A folder of the host that anybody may write to, with a file in it."""
    folder = Path("/var/tmp") / f"tracewright-{os.getpid()}"  # noqa: S108
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    (folder / "secret").write_text(SECRET)
    (folder / "secret").chmod(0o666)
    yield folder
    (folder / "secret").unlink()
    assert list(folder.iterdir()) == []
    folder.rmdir()


@pytest.mark.parametrize(
    "way",
    [
        pytest.param('echo x >"$1/got-out"', id="absolute"),
        pytest.param('echo x >"../../../../../..$1/got-out"', id="upwards"),
        pytest.param('ln -s "$1" way && echo x >way/got-out; rm -f way', id="link"),
        pytest.param('echo x >"/proc/self/root$1/got-out"', id="proc-self-root"),
        pytest.param('echo x >"/proc/1/root$1/got-out"', id="proc-1-root"),
        pytest.param('ln "$1/secret" got-out && echo x >got-out', id="hard-link"),
        pytest.param('mkdir -p "$1" && echo x >"$1/got-out"', id="made-anew"),
        pytest.param('mount --bind / mnt; mount -t proc proc /mnt; echo x >"/mnt$1/got-out"', id="mount"),
        pytest.param('chroot / sh -c "echo x >$1/got-out"; unshare -rm sh -c "echo x >$1/got-out"', id="chroot"),
    ],
)
def test_nothing_is_written_outside(box: Box, outside: Path, way: str) -> None:
    sh(box, way, str(outside))
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert (outside / "secret").read_text() == SECRET


def test_the_files_of_the_host_cannot_be_read(box: Box, outside: Path) -> None:
    assert SECRET in (outside / "secret").read_text()
    for path in (str(outside), f"/proc/self/root{outside}", f"/proc/1/root{outside}", f"/proc/1/cwd{outside}"):
        assert SECRET not in sh(box, 'cat "$1/secret"; ls "$1"', path)
    assert "root:x:0:0" not in sh(box, "cat /etc/shadow /etc/sudoers; ls /root /home /work /srv")


def test_the_system_is_read_only(box: Box) -> None:
    folders = "/usr /etc /bin /proc /proc/sys/kernel /dev /sys /"
    script = f'for folder in {folders}; do echo x 2>/dev/null >"$folder/got-out" && echo "wrote $folder"; done'
    assert "wrote" not in sh(box, script)


def test_device_nodes_cannot_be_made(box: Box) -> None:
    """Or, on gVisor, they are of devices that its kernel does not have."""
    each = "mknod node $kind; head -c 1 node >/dev/null || echo refused; rm -f node"
    script = f"for kind in 'b 8 0' 'b 254 0' 'c 1 1'; do {each}; done"
    assert box.run(["sh", "-c", script]).stdout == "refused\nrefused\nrefused\n"
    assert sh(box, "ls /dev/sda /dev/vda /dev/mem /dev/kmsg /dev/fuse /dev/kvm 2>/dev/null") == ""


def test_a_server_of_the_host_cannot_be_reached_by_tcp(box: Box) -> None:
    own = socket.gethostbyname(socket.gethostname())
    with socket.create_server(("0.0.0.0", 0)) as server:  # noqa: S104
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            script = 'for host in 127.0.0.1 "$2"; do bash -c "echo knock >/dev/tcp/$host/$1" 2>&1; done; echo done'
            assert sh(box, script, str(port), own).endswith("done\n")
            assert len(list(callers(server))) == 1


def test_a_server_of_the_host_cannot_be_reached_by_udp(box: Box) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control,
    ):
        server.bind(("0.0.0.0", 0))  # noqa: S104
        address = ("127.0.0.1", server.getsockname()[1])
        control.sendto(b"control", address)
        sh(box, 'for n in 1 2 3; do bash -c "echo knock >/dev/udp/127.0.0.1/$1"; done', str(address[1]))
        control.sendto(b"last", address)
        assert [server.recv(100), server.recv(100)] == [b"control", b"last"]


_CALL = """
import socket, sys
with socket.socket(socket.AF_UNIX) as call:
    call.connect(sys.argv[1].replace("@", chr(0)))
    print("got through")
"""


@pytest.mark.parametrize("abstract", [False, True], ids=["path", "abstract name"])
def test_unix_sockets_of_the_host_cannot_be_reached(box: Box, tmp_path: Path, abstract: bool) -> None:  # noqa: FBT001
    """An abstract name is in no file system."""
    if box.run(["sh", "-c", "command -v python3"]).exit_code:
        pytest.skip("no python3 below /usr, and sh knows no Unix sockets")
    name = f"@tracewright-{os.getpid()}" if abstract else str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name.replace("@", chr(0)))
        server.listen()
        done = box.run(["python3", "-c", _CALL, name])
        assert "Error" in done.stderr
        assert "got through" not in done.stdout
        assert list(callers(server)) == []


def callers(server: socket.socket) -> Iterator[object]:
    """Yield the address of everyone who has called."""
    server.setblocking(False)  # noqa: FBT003
    while True:
        try:
            connection, address = server.accept()
        except BlockingIOError:
            return
        connection.close()
        yield address


def test_names_are_not_resolved(box: Box) -> None:
    assert box.run(["getent", "hosts", "example.org"]).exit_code != 0
    assert sh(box, "cat /etc/resolv.conf 2>/dev/null") == ""


def test_there_is_no_interface_but_an_own_loopback(box: Box) -> None:
    names = {line.split(":")[0].strip() for line in sh(box, "cat /proc/net/dev").splitlines()[2:]}
    assert names <= {"lo"}


def test_the_environment_of_the_host_does_not_come_in(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does that of the process that opened the box, which /proc/1/environ would show."""
    monkeypatch.setenv("BUILDERS_TEACHER_API_KEY", SECRET)
    names = sh(box, "env | cut -d= -f1 | sort | tr '\\n' ' '; cat /proc/[0-9]*/environ | tr '\\0' '\\n'")
    assert SECRET not in names
    assert names.startswith(("HOME LANG PATH PWD USER", "HOME LANG PATH USER"))
    assert "BUILDERS" not in names


def test_keyrings_of_the_host_are_out_of_reach(box: Box) -> None:
    output = sh(box, "cat /proc/keys 2>/dev/null | grep -c tracewright; keyctl show 2>&1 | grep tracewright; echo done")
    assert output.strip().splitlines()[-1] == "done"
    assert "tracewright" not in output


def test_processes_of_the_host_are_neither_seen_nor_killed(box: Box) -> None:
    with subprocess.Popen(["/bin/sleep", "60"]) as victim:
        sh(box, f"kill -9 {victim.pid}; kill -9 -1; for n in $(seq 2 400); do kill -9 $n 2>/dev/null; done")
        assert victim.poll() is None
        assert str(victim.pid) not in sh(box, "ls /proc").split()
        victim.kill()
    assert box.run(["echo", "still here"]).stdout == "still here\n"


def test_no_privilege_is_left_or_regained(box: Box) -> None:
    status = sh(box, "cat /proc/self/status")
    assert sh(box, "id -u") == "1000\n"
    assert "CapEff:\t0000000000000000" in status
    assert box.run(["sh", "-c", "unshare -U true && mount -t tmpfs tmpfs /mnt"]).exit_code != 0
    assert box.run(["su", "-c", "true"]).exit_code != 0


def test_a_file_that_is_put_cannot_leave_by_a_link(box: Box, outside: Path) -> None:
    sh(box, 'ln -s "$1/got-out" trap', str(outside))
    with suppress(OSError):
        put(box, {f"{HOME}/trap": b"x"})
    sh(box, "rm -f trap")
    assert [path.name for path in outside.iterdir()] == ["secret"]

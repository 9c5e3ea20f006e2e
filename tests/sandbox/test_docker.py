"""Docker by the same interface: what its client is asked for, and what is made of the answers, with a script in its place."""

import shutil
import subprocess
from pathlib import Path

import pytest

from builders.errors import BuildError
from builders.sandbox import docker
from builders.sandbox.box import BoxEndedError, Limits

_DAEMON = """#!/bin/sh
echo "$*" >>"$(dirname "$0")/asked"
case $1 in
run) echo container ;;
inspect) cat "$(dirname "$0")/state" ;;
exec)
  case "$*" in
  *" wait") exec /bin/sleep 30 ;;
  *" fail") echo no >&2; exit 3 ;;
  *" killed") exit 137 ;;
  *"echo /proc/"*) echo /proc/1 /proc/27 ;;
  *) /bin/cat ;;
  esac
  ;;
esac
"""


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a `docker` that notes what it is asked, and the state that it tells."""
    (tmp_path / "docker").write_text(_DAEMON)
    (tmp_path / "docker").chmod(0o755)
    (tmp_path / "state").write_text("true false\n")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def asked(daemon: Path) -> list[str]:
    return (daemon / "asked").read_text().splitlines()


def test_a_container_gets_every_limit_and_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_SANDBOX_IMAGE", "own-image")
    words = docker.started(Limits(processes=7, memory_bytes=1000, disk_bytes=2000, files=30), "box")
    line = " ".join(words)
    for part in (
        "--network none",
        "--read-only",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        "--user 1000:1000",
        "--pids-limit 7",
        "--memory 1000 --memory-swap 1000",
        "size=2000,nr_inodes=30",
        "--pull never",
        "--ulimit core=0",
    ):
        assert part in line
    assert words[-3:] == ["own-image", "sleep", "infinity"]
    assert not {"--privileged", "--volume", "-v", "--mount", "--pid", "--device"} & set(words)


def test_commands_go_to_the_container_and_it_is_gone_at_the_end(daemon: Path) -> None:
    with docker.opened(Limits()) as box:
        assert box.run(["echo"], stdin=b"given") == (0, "given", "")
        assert box.run(["fail"]) == (3, "", "no\n")
        assert box.run(["killed"]).exit_code == -9
    verbs = [line.split()[0] for line in asked(daemon)]
    assert verbs[0] == "run"
    assert verbs[-1] == "rm"
    assert f"exec -i --user 1000:1000 --workdir /home/agent {box.container} echo" in asked(daemon)


def test_a_command_out_of_time_ends_all_that_runs(daemon: Path) -> None:
    with docker.opened(Limits()) as box:
        assert box.run(["wait"], seconds=0.2).exit_code is None
    assert any("kill -9" in line for line in asked(daemon))


def test_services_are_spared_when_all_else_is_ended(daemon: Path) -> None:
    with docker.opened(Limits()) as box:
        box.keep()
        box.settle()
    assert any("kept='1 27';" in line for line in asked(daemon))


@pytest.mark.parametrize(("killed", "why"), [("true", "memory"), ("false", "gone")])
def test_a_container_that_runs_no_more_says_whether_it_took_too_much_memory(killed: str, why: str, daemon: Path) -> None:
    with docker.opened(Limits()) as box:
        (daemon / "state").write_text(f"false {killed}\n")
        with pytest.raises(BoxEndedError) as ended:
            box.run(["echo"])
    assert ended.value.why == why


def test_a_daemon_that_starts_nothing_is_one_line(daemon: Path) -> None:
    (daemon / "docker").write_text("#!/bin/sh\necho 'No such image: own-image' >&2\nexit 125\n")
    with pytest.raises(BuildError, match="opens no box: No such image"), docker.opened(Limits()):
        pass


CLIENT = shutil.which("docker")


@pytest.mark.skipif(CLIENT is None, reason="no Docker client is here")
def test_dockers_own_client_understands_every_option_and_no_daemon_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client reads its command line before it looks for a daemon, of which there is none here."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert docker.needs() == "no Docker daemon answers"
    with pytest.raises(BuildError, match=r"opens no box: .*daemon"), docker.opened(Limits()):
        pass
    words = docker.started(Limits(), "box")
    wrong = subprocess.run([*words[:2], "--no-such-option", *words[2:]], capture_output=True, text=True, check=False)
    assert "unknown flag" in wrong.stderr
    spoilt = [word.replace(f"fsize={Limits().file_bytes}", "fsize=many") for word in words]
    assert "many" in subprocess.run(spoilt, capture_output=True, text=True, check=False).stderr

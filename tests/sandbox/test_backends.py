"""Which backend opens the boxes, and that the bare host never does."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from builders.errors import BuildError
from builders.sandbox import backends, bubblewrap, docker
from builders.sandbox.box import CommandResult, Limits, put
from tests.families.cuaharm.rows import MadeUp


def _programs(folder: Path, monkeypatch: pytest.MonkeyPatch, **scripts: str) -> None:
    """Let these programs, and no others, be found."""
    for name, text in scripts.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("BUILDERS_SANDBOX", raising=False)


@pytest.mark.parametrize("name", ["host", "local", "none"])
def test_the_bare_host_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_SANDBOX", name)
    with pytest.raises(BuildError, match="never run on the bare host"):
        backends.select()


def test_an_unknown_backend_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILDERS_SANDBOX", "firejail")
    with pytest.raises(BuildError, match="no sandbox 'firejail'"):
        backends.select()


def test_without_any_the_line_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _programs(tmp_path, monkeypatch)
    with pytest.raises(BuildError, match="apt-get install bubblewrap") as refused:
        backends.select()
    assert "\n" not in str(refused.value)


def test_one_that_is_named_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _programs(tmp_path, monkeypatch)
    monkeypatch.setenv("BUILDERS_SANDBOX", "gvisor")
    with pytest.raises(BuildError, match="apt-get install runsc"):
        backends.select()


def test_bubblewrap_comes_first_then_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _programs(tmp_path, monkeypatch, docker="exit 0")
    assert backends.select() == docker.BACKEND
    _programs(tmp_path, monkeypatch, bwrap="exit 0")
    assert backends.select() == bubblewrap.BACKEND


def test_a_docker_whose_daemon_does_not_answer_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _programs(tmp_path, monkeypatch, docker="exit 1")
    with pytest.raises(BuildError, match="no sandbox on this machine"):
        backends.select()


def test_a_bubblewrap_that_opens_no_box_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:  # pytest's folders are for their owner only
        Path(name).chmod(0o755)
        _programs(Path(name), monkeypatch, bwrap="echo 'bwrap: No permissions to create new namespace' >&2; exit 1")
        with pytest.raises(BuildError, match="opens no box: bwrap: No permissions") as refused, bubblewrap.opened(Limits()):
            pass
    assert "\n" not in str(refused.value)


def test_only_gvisor_has_a_kernel_of_its_own() -> None:
    assert [backend.name for backend in backends.BACKENDS if backend.own_kernel] == ["gvisor"]


class Writing(MadeUp):
    """A box that runs nothing, and keeps what it was given to read."""

    def run(self, command: Sequence[str], *, stdin: bytes = b"", seconds: float | None = None) -> CommandResult:
        self.given = stdin
        return super().run(command, stdin=stdin, seconds=seconds)


def test_files_are_put_a_line_each_with_paths_from_home_on() -> None:
    box = Writing(lambda _: CommandResult(0, "", ""))
    put(box, {"/home/agent/lab/a": b"text", "/srv/b": b""})
    assert box.given == b"bGFiL2E= dGV4dA==\nL3Nydi9i -\n"


@pytest.mark.parametrize(
    ("done", "why"), [(CommandResult(1, "", " no space left\n"), "no space left"), (CommandResult(None, "", ""), "out of time")]
)
def test_a_file_that_cannot_be_put_says_why(done: CommandResult, why: str) -> None:
    with pytest.raises(OSError, match=f"^{why}$"):
        put(MadeUp(lambda _: done), {"a": b"text"})

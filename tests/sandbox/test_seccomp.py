"""The system call filter, run by an interpreter of its instructions."""

import struct

import pytest

from builders.sandbox import seccomp

ALLOW, EPERM, ENOSYS, EAFNOSUPPORT, KILL = 0x7FFF0000, 0x50001, 0x50026, 0x50061, 0x80000000
MACHINES = ("x86_64", "aarch64")


def verdict(program: bytes, architecture: int, number: int, argument: int = 0) -> int:
    """Run the filter about one call, as the kernel does."""
    data = {0: number, 4: architecture, 16: argument}
    loaded, place = 0, 0
    while True:
        code, matching, other, value = struct.unpack_from("=HBBI", program, place * 8)
        place += 1
        if code == 0x06:
            return int(value)
        if code == 0x20:
            loaded = data[value]
        else:
            met = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[code]
            place += matching if met else other


NUMBERS = {
    "socket": (41, 198),
    "clone": (56, 220),
    "clone3": (435, 435),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "open_by_handle_at": (304, 265),
    "unshare": (272, 97),
    "setns": (308, 268),
}
"""Numbers of the kernel's tables: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h."""
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64 of include/uapi/linux/audit.h."""


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("platform.machine", lambda: request.param)
    return str(request.param)


def asked(machine: str, call: str, argument: int = 0) -> int:
    return verdict(seccomp.program(), ARCHITECTURES[machine], NUMBERS[call][MACHINES.index(machine)], argument)


@pytest.mark.parametrize("family", [1, 2, 10, 16])
def test_sockets_that_a_network_namespace_holds_back_are_allowed(machine: str, family: int) -> None:
    assert asked(machine, "socket", family) == ALLOW


@pytest.mark.parametrize("family", [17, 29, 31, 38, 40, 44])
def test_other_sockets_are_not(machine: str, family: int) -> None:
    """Among them AF_VSOCK, 40, which leads from a virtual machine to its host."""
    assert asked(machine, "socket", family) == EAFNOSUPPORT


@pytest.mark.parametrize("call", list(NUMBERS)[3:])
def test_calls_that_reach_past_namespaces_are_denied(machine: str, call: str) -> None:
    assert asked(machine, call) == EPERM


def test_a_process_may_be_made_but_no_namespace(machine: str) -> None:
    assert asked(machine, "clone", 0x01200011) == ALLOW
    assert asked(machine, "clone", 0x10000000) == EPERM
    assert asked(machine, "clone3") == ENOSYS


def test_ordinary_calls_are_allowed(machine: str) -> None:
    program = seccomp.program()
    assert all(verdict(program, seccomp._MACHINES[machine], number) == ALLOW for number in (0, 1, 2, 3, 60))  # noqa: SLF001


def test_another_architecture_is_killed_and_x32_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert verdict(seccomp.program(), 0x40000003, 1) == KILL
    assert verdict(seccomp.program(), 0xC000003E, 0x40000001) == ENOSYS


def test_a_machine_without_a_filter_is_not_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert not seccomp.supported()

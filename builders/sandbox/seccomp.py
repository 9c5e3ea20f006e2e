"""The system calls that a box does without, as a filter for the kernel.

A network namespace does not hold back every kind of socket: a virtual machine's AF_VSOCK leads to its host. Nor do
namespaces divide the keyrings, io_uring makes sockets past any filter of `socket`, and tracing would let a process of a box
write into the one that checks it.
"""

import platform
import struct

_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_X32 = 0x40000000
_NAMESPACES = 0x7E020080
"""The flags of clone that make a namespace."""

_FAMILIES = (1, 2, 10, 16)
"""Sockets that a network namespace does hold back: UNIX, IPv4, IPv6, netlink."""

_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""Machine → its name in the kernel."""

_CALLS = {
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
"""Call → its number on each machine; all but the first three are denied."""


def supported() -> bool:
    """Tell whether there is a filter for this machine."""
    return platform.machine() in _MACHINES


def program() -> bytes:
    """Return the filter as the kernel takes it: instructions of eight bytes."""
    machine = list(_MACHINES).index(platform.machine())
    socket, clone, clone3, *denied = (numbers[machine] for numbers in _CALLS.values())
    lines = [
        _line(_LOAD, _ARCHITECTURE),
        _line(_EQUAL, _MACHINES[platform.machine()], 1, 0),
        _line(_RETURN, _KILL),
        _line(_LOAD, _NUMBER),
        _line(_AT_LEAST, _X32, 0, 1),
        _line(_RETURN, _ERRNO | _ENOSYS),
    ]
    for number in denied:
        lines += [_line(_EQUAL, number, 0, 1), _line(_RETURN, _ERRNO | _EPERM)]
    lines += [_line(_EQUAL, clone3, 0, 1), _line(_RETURN, _ERRNO | _ENOSYS)]
    first = _line(_LOAD, _FIRST_ARGUMENT)
    lines += [_line(_EQUAL, clone, 0, 4), first, _line(_ANY_BIT, _NAMESPACES, 0, 1), _line(_RETURN, _ERRNO | _EPERM)]
    lines += [_line(_RETURN, _ALLOW)]
    lines += [_line(_EQUAL, socket, 0, len(_FAMILIES) + 2), first]
    lines += [_line(_EQUAL, family, len(_FAMILIES) - place, 0) for place, family in enumerate(_FAMILIES)]
    lines += [_line(_RETURN, _ERRNO | _EAFNOSUPPORT), _line(_RETURN, _ALLOW)]
    return b"".join(lines)


def _line(code: int, value: int, matching: int = 0, other: int = 0) -> bytes:
    return struct.pack("=HBBI", code, matching, other, value)

"""Makes the kernel refuse system calls of this process from now on, as a failing disk would (Linux, by seccomp)."""

from __future__ import annotations

import ctypes
import platform
import struct

CALLS = {
    "x86_64": {"fsync": 74, "fdatasync": 75, "write": 1, "pwrite64": 18},
    "aarch64": {"fsync": 82, "fdatasync": 83, "write": 64, "pwrite64": 68},
}.get(platform.machine(), {})
NO_NEW_PRIVILEGES, SECCOMP = 38, {"x86_64": 317, "aarch64": 277}.get(platform.machine(), 0)
LOAD, EQUAL, GREATER, RETURN = 0x20, 0x15, 0x25, 0x06  # of classic BPF, linux/filter.h
NUMBER, FIRST_ARGUMENT = 0, 16  # offsets in struct seccomp_data, linux/seccomp.h
ALLOW, ERROR = 0x7FFF0000, 0x00050000  # linux/seccomp.h
ALL_THREADS = 1


def refuse(calls: tuple[str, ...], errno: int) -> None:
    """Let system calls on files fail with ``errno`` in every thread, for good; never on standard output."""
    steps = []
    for number in (CALLS[call] for call in calls):
        steps += [
            (LOAD, 0, 0, NUMBER),
            (EQUAL, 0, 3, number),
            (LOAD, 0, 0, FIRST_ARGUMENT),
            (GREATER, 0, 1, 2),
            (RETURN, 0, 0, ERROR | errno),
        ]
    code = b"".join(struct.pack("HBBI", *step) for step in [*steps, (RETURN, 0, 0, ALLOW)])
    held = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(held)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.syscall(SECCOMP, 1, ALL_THREADS, program):
        raise OSError(ctypes.get_errno(), "seccomp")

"""Run a function in a process of its own one system call at a time, and stop at each that changes a file system.

Linux on x86-64 alone: the numbers of system calls are those of that machine. Nothing else is needed: no compiler, no
strace. What is enumerated is what the kernel was asked, so no call of any library can be forgotten.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SUPPORTED = sys.platform == "linux" and platform.machine() == "x86_64"

CHANGING = {
    1: "write", 18: "pwrite64", 20: "writev", 74: "fsync", 75: "fdatasync", 76: "truncate", 77: "ftruncate",
    82: "rename", 83: "mkdir", 84: "rmdir", 85: "creat", 86: "link", 87: "unlink", 88: "symlink", 90: "chmod",
    91: "fchmod", 92: "chown", 93: "fchown", 94: "lchown", 188: "setxattr", 257: "openat", 2: "open",
    258: "mkdirat", 260: "fchownat", 263: "unlinkat", 264: "renameat", 265: "linkat", 266: "symlinkat",
    268: "fchmodat", 285: "fallocate", 316: "renameat2", 40: "sendfile", 326: "copy_file_range",
}  # fmt: skip
"""The system calls that change a file system, less those that only change times."""

_OPEN = {"open": 1, "openat": 2}
_WRITES = {
    "write",
    "pwrite64",
    "writev",
    "fsync",
    "fdatasync",
    "ftruncate",
    "fchmod",
    "fchown",
    "fallocate",
    "sendfile",
}
_CREATING = os.O_CREAT | os.O_TRUNC

_TRACEME, _SYSCALL, _SETOPTIONS, _GETREGS, _SETREGS = 0, 24, 0x4200, 12, 13
_OPTIONS = 1 | 0x100000  # PTRACE_O_TRACESYSGOOD, PTRACE_O_EXITKILL


class _Registers(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_ulonglong)
        for name in [
            "r15",
            "r14",
            "r13",
            "r12",
            "rbp",
            "rbx",
            "r11",
            "r10",
            "r9",
            "r8",
            "rax",
            "rcx",
            "rdx",
            "rsi",
            "rdi",
            "orig_rax",
            "rip",
            "cs",
            "eflags",
            "rsp",
            "ss",
            "fs_base",
            "gs_base",
            "ds",
            "es",
            "fs",
            "gs",
        ]
    ]


@dataclass
class Call:
    """A system call that changes a file system: its name and the file it is about, as far as that can be told."""

    name: str
    path: str

    def __str__(self) -> str:
        return f"{self.name} {os.path.basename(self.path)}"


@dataclass
class Trace:
    """What a traced run did: the calls in order, its exit code, or None where it was killed."""

    calls: list[Call] = field(default_factory=list)
    code: int | None = None


def trace(
    function: Callable[[], int],
    folder: Path,
    *,
    before: Callable[[int, Call], str | int | None] = lambda _number, _call: None,
    after: Callable[[int, Call], str | int | None] = lambda _number, _call: None,
) -> Trace:
    """Run a function that returns an exit code, and call `before` and `after` for each call that changes `folder`.

    Both get the number of the call. ``"kill"`` kills the process there; a number from `before` makes the call fail
    with that error instead of doing anything.
    """
    library = ctypes.CDLL(None, use_errno=True)
    library.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    library.ptrace.restype = ctypes.c_long
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        code = 127
        try:
            os.chdir(folder)
            library.ptrace(_TRACEME, 0, None, None)
            os.kill(os.getpid(), signal.SIGSTOP)
            code = function()
        finally:
            os._exit(code)
    os.waitpid(child, 0)
    library.ptrace(_SETOPTIONS, child, None, _OPTIONS)
    done = Trace()
    registers = _Registers()
    entered: Call | None = None
    inside, fails = False, 0
    pass_on = 0
    while True:
        library.ptrace(_SYSCALL, child, None, pass_on)
        pass_on = 0
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) or os.WIFSIGNALED(status):
            done.code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
            return done
        stopped = os.WSTOPSIG(status)
        if stopped != signal.SIGTRAP | 0x80:
            pass_on = stopped if stopped != signal.SIGTRAP else 0
            continue
        inside = not inside
        library.ptrace(_GETREGS, child, None, ctypes.byref(registers))
        wish: str | int | None = None
        if inside:
            entered, fails = _call(child, registers, str(folder)), 0
            if entered is not None:
                done.calls.append(entered)
                wish = before(len(done.calls) - 1, entered)
                if isinstance(wish, int):
                    fails = wish
                    registers.orig_rax = 2**64 - 1
                    library.ptrace(_SETREGS, child, None, ctypes.byref(registers))
        elif entered is not None:
            if fails:
                registers.rax = 2**64 - fails
                library.ptrace(_SETREGS, child, None, ctypes.byref(registers))
            wish = after(len(done.calls) - 1, entered)
        if wish == "kill":
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return done


def _call(process: int, registers: _Registers, folder: str) -> Call | None:
    """Return the call that begins, or None where it changes nothing below a folder."""
    name = CHANGING.get(registers.orig_rax)
    if name is None:
        return None
    arguments = [registers.rdi, registers.rsi, registers.rdx, registers.r10]
    if name in _OPEN and not arguments[_OPEN[name]] & _CREATING:
        return None
    if name in _WRITES:
        path = _link(f"/proc/{process}/fd/{arguments[0]}")
    else:
        at = name.endswith("at") or name == "renameat2"
        path = _text(process, arguments[1 if at else 0])
        if not path.startswith("/"):
            path = os.path.join(_link(f"/proc/{process}/cwd"), path)
    return Call(name, path) if path.startswith(f"{folder}/") or path == folder else None


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _text(process: int, address: int) -> str:
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        memory.seek(address)
        piece = memory.read(4096 - address % 4096)
        if b"\0" not in piece:
            piece += memory.read(4096)
    return os.fsdecode(piece.split(b"\0")[0])

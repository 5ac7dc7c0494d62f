"""The limits that every child puts on itself before it loads libav."""

import ctypes
import resource
import signal

_PR_SET_PDEATHSIG = 1


def confine(memory_bytes: int, cpu_s: int) -> None:
    """No more memory, time, files or written bytes than this; ends with its parent."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

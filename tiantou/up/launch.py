"""The first moment of every child: it dies with its parent, leads a session of its own, and, if
asked, is `nobody` in a user namespace or another account. Then it becomes the command.

Runs as a bare file (`python -I -S launch.py …`), so it knows the standard library alone: doing
this between fork and exec of a threaded process would not be safe.

    launch.py PARENT SIGNAL ROLE COMMAND…      ROLE: `-`, `namespace`, or `uid:gid`
"""

import ctypes
import os
import sys
from pathlib import Path

NO_NAMESPACE = 97
NO_COMMAND = 127
_PDEATHSIG, _NEWUSER, _NOBODY = 1, 0x10000000, 65534


def _become_nobody(libc: ctypes.CDLL) -> None:
    """Maps this user, whoever he is, to `nobody` of a new user namespace."""
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(_NEWUSER) != 0:
        sys.exit(NO_NAMESPACE)
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/gid_map").write_text(f"{_NOBODY} {gid} 1")
        Path("/proc/self/uid_map").write_text(f"{_NOBODY} {uid} 1")
    except OSError:
        sys.exit(NO_NAMESPACE)


def _become(role: str) -> None:
    uid, gid = (int(part) for part in role.split(":"))
    os.setgroups([gid])
    os.setgid(gid)
    os.setuid(uid)


def main(parent: int, signal: int, role: str, command: list[str]) -> None:
    """Becomes `command`. Ends with NO_NAMESPACE where user namespaces are refused."""
    libc = ctypes.CDLL(None, use_errno=True)
    if role == "namespace":
        _become_nobody(libc)
    elif role != "-":
        _become(role)
    os.setsid()
    # After the change of identity, which clears it; then the race with a parent already gone.
    libc.prctl(_PDEATHSIG, signal, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.exit(NO_COMMAND)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])

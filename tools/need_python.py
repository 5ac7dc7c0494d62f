"""Says in words what is missing before a virtual environment can be made. Runs on old Pythons."""

import sys

NEEDED = (3, 11)


def main() -> None:
    """Exits with a message if this Python cannot make one."""
    if sys.version_info[:2] < NEEDED:
        sys.exit(
            f"Tiantou needs Python 3.11 or later; this is {sys.version.split()[0]}.\n"
            "  Name another one: make PYTHON=python3.12 up"
        )
    try:
        __import__("ensurepip")
        __import__("venv")
    except ImportError:
        sys.exit(
            "This Python has no venv. On Debian and Ubuntu: apt-get install python3-venv\n"
            "  Then try again."
        )


if __name__ == "__main__":
    main()

"""`python -m tiantou`, and the console script: Ctrl-C at any moment is an end, not an error."""

import os
import signal
import sys

INTERRUPTED = 130


def main() -> None:
    """Runs the command line."""
    signal.signal(signal.SIGINT, _leave)
    try:
        # Importing takes a moment in which Ctrl-C may come.
        from tiantou.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _leave(number: int, frame: object) -> None:
    """Ends at once, while nothing has been begun: an exception raised amid an import may land where
    it is swallowed, and the process would live on, deaf.
    """
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()

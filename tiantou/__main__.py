"""`python -m tiantou`, and the console script: Ctrl-C at any moment is an end, not an error."""

import sys


def main() -> None:
    """Runs the command line."""
    try:
        # Importing takes a moment in which Ctrl-C may come.
        from tiantou.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()

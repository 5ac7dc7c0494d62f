"""One log for everything that `up` starts, and what the person at the terminal sees of it.

A child's standard error is its log: every line goes to the file, warnings and errors to the
terminal too. A child's standard output is for the person at the terminal and is never kept:
one-time codes and links go that way.
"""

import io
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TextIO

from tiantou.kit import clock

FILE_BYTES_MAX = 10_000_000
FILES_KEPT = 3
LINE_CHARS_MAX = 4_000
PREFIX_CHARS = 8
_LOUD = re.compile(r"\b(warn(ing)?|err|error|fatal|panic|critical|traceback)\b", re.IGNORECASE)


@dataclass
class Log:
    """The open log of a running `up`."""

    path: Path
    terminal: TextIO = field(default_factory=lambda: sys.stdout)
    verbose: bool = False
    _file: BinaryIO | None = None
    _bytes: int = 0

    def say(self, words: str) -> None:
        """A line for the person at the terminal, kept in the log as well."""
        self._show(words)
        self._keep("up", words)

    def show(self, child: str, line: str) -> None:
        """A line of a child's standard output: shown, never kept."""
        self._show(f"{child:>{PREFIX_CHARS}} | {line}")

    def keep(self, child: str, line: str, quiet: bool = False) -> None:
        """A line of a child's standard error: kept, and shown if it warns, unless `quiet`.

        A child that is only starting complains of what the others have not done yet.
        """
        self._keep(child, line)
        if self.verbose or (_LOUD.search(line) and not quiet):
            self._show(f"{child:>{PREFIX_CHARS}} | {line}")

    def note(self, words: str) -> None:
        """A line of `up` itself that only the log needs."""
        self._keep("up", words)
        if self.verbose:
            self._show(f"{'up':>{PREFIX_CHARS}} | {words}")

    def close(self) -> None:
        """Closes the file."""
        if self._file:
            self._file.close()
            self._file = None

    def _show(self, words: str) -> None:
        try:
            self.terminal.write(words + "\n")
            self.terminal.flush()
        except (BrokenPipeError, ValueError):
            # Nobody reads any more (`up | head`): the file still does.
            self.terminal = io.StringIO()

    def _keep(self, child: str, line: str) -> None:
        try:
            self._write(child, line)
        except OSError:
            # A full disk loses lines, never what is supervised: the next line tries anew.
            self.close()

    def _write(self, child: str, line: str) -> None:
        if self._file is None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Unbuffered: a line that could not be written is not written later, and closing
            # never fails.
            self._file = self.path.open("ab", buffering=0)
            self._bytes = self._file.tell()
        at = clock.now().isoformat(timespec="milliseconds")
        self._bytes += self._file.write(f"{at} {child} {line[:LINE_CHARS_MAX]}\n".encode())
        if self._bytes > FILE_BYTES_MAX:
            self._turn_over()

    def _turn_over(self) -> None:
        self.close()
        for number in range(FILES_KEPT, 0, -1):
            older = self.path if number == 1 else self.path.with_suffix(f".log.{number - 1}")
            if older.exists():
                older.replace(self.path.with_suffix(f".log.{number}"))

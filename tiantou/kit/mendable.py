"""What an operator can mend: an error whose message says what is wrong and what to do."""


class Mendable(Exception):
    """Told in words at the terminal, without a traceback."""

"""`python -m tiantou`."""

from tiantou.cli import main

main()

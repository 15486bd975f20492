"""`python -m toli` is the same as `toli`."""

from toli.cli.main import run

run()

"""`toli organisation`."""

import typer

app = typer.Typer()

"""`toli group`."""

import typer

app = typer.Typer()

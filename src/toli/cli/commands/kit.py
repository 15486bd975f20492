"""`toli kit`."""

import typer

app = typer.Typer()

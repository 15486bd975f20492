"""`toli account`."""

import typer

app = typer.Typer()

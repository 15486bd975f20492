"""`toli member`."""

import typer

app = typer.Typer()

"""`toli territory`."""

import typer

app = typer.Typer()

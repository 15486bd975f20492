"""`toli report`."""

import typer

app = typer.Typer()

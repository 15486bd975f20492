"""`toli campaign`."""

import typer

app = typer.Typer()

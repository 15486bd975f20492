"""`toli role`."""

import typer

app = typer.Typer()

"""`python -m switchboard`."""

from switchboard.cli import app

app()

"""The loops that follow a log: projectors and reactions."""

"""The projections of each service, without the service itself: no setting and no key is needed."""

from importlib import import_module
from typing import Any

from chassis.projection import Projection
from chassis.settings import WrongSettings


def projections_of(service: str, read_model: str | None = None) -> list[Projection[Any]]:
    """All of a service, or those of one read model. Raises `WrongSettings`."""
    everything: list[Projection[Any]] = list(
        import_module(f"services.{service}.projections").projections
    )
    if read_model is None:
        return everything
    chosen = [one for one in everything if one.model.name == read_model]
    if not chosen:
        names = ", ".join(sorted({one.model.name for one in everything}))
        raise WrongSettings(f"{service} has no read model {read_model}. It has {names}.")
    return chosen

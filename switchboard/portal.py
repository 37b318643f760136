"""The portal as a part of the product: it needs no broker, no log and no read models."""

from collections.abc import Sequence

from litestar import Litestar

from chassis.observing.health import Health
from chassis.observing.metrics import Metrics
from services.portal.app import build
from services.portal.pages import Link
from services.portal.settings import Settings


def portal_app(health: Health, metrics: Metrics, nearby: Sequence[Link] = ()) -> Litestar:
    """The pages, as the environment sets them. Raises `WrongSettings`."""
    return build(Settings.load(), health=health, metrics=metrics, nearby=nearby)

"""Composition root of the portal: the only file that knows everything."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar
from litestar.di import Provide
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from chassis.observing.health import Health
from chassis.observing.metrics import Metrics
from chassis.web.observation import observed
from chassis.web.operations import OperationsController
from chassis.web.problems import EXCEPTION_HANDLERS
from services.portal.assets import ASSETS
from services.portal.pages import Link, controllers
from services.portal.settings import Settings

SERVICE = "portal"


def build(
    settings: Settings, *, health: Health, metrics: Metrics, nearby: Sequence[Link] = ()
) -> Litestar:
    """The pages as an app. `nearby` are links of interest on this machine only."""
    provided = {"settings": settings, "nearby": tuple(nearby), "health": health, "metrics": metrics}
    app = Litestar(
        [*controllers, OperationsController],
        dependencies={name: _constant(value) for name, value in provided.items()},
        template_config=TemplateConfig(instance=JinjaTemplateEngine(engine_instance=_templates())),
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    app.asgi_handler = observed(app.asgi_handler, SERVICE, metrics)
    return app


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = {name: asset.address for name, asset in ASSETS.items()}
    return environment


def _constant(value: object) -> Provide:
    def provide() -> object:
        return value

    return Provide(provide, sync_to_thread=False)

"""What the pages name exists, and what exists is named."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from chassis.jetstream.topology import Topology
from chassis.settings import FILE_SUFFIX, ServiceSettings
from chassis.web.operations import OperationsController
from schemas import catalog
from services.portal.pages import controllers as portal_controllers
from switchboard import cli
from switchboard.catalogue import BLUEPRINTS, SETTINGS
from switchboard.generated import generated_files
from switchboard.mailbox.api import MailboxController
from switchboard.routes_page import Route, routes_of, service_routes
from switchboard.settings import Settings
from switchboard.settings_page import OTHERS, variables
from tests.docs.repository import ROOT, code, files, pages, spans, text

SOURCES = [path for path in files() if path.suffix == ".py" and path.parts[0] != "tests"]
ALL_CODE = "\n".join(map(code, pages()))
ALL_SPANS = [span for page in pages() for span in spans(page)]
OPERATOR_PAGES = "\n".join(map(code, ("README.md", "CONTRIBUTING.md", "docs/operations.md")))

_TARGET = re.compile(r"\bmake ([a-z][a-z-]*)")
_COMMAND = re.compile(r"\bswitchboard ([a-z][a-z-]+)((?: --?[a-z-]+)*)")
_VARIABLE = re.compile(r"\b[A-Z]+_[A-Z_]*[A-Z]\b")
_READ_VARIABLE = re.compile(r'environ(?:ment)?(?:\.get\(|\[)"([A-Z_]+)"|VARIABLE = "([A-Z_]+)"')
_CLASS = re.compile(r"^class (\w+)", re.MULTILINE)
_METRIC = re.compile(r"\bswitchboard_[a-z_]+\b")
_ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)")
METRICS = (
    "chassis/observing/metrics.py",
    "chassis/observing/worker_metrics.py",
    "services/notifier/mail_server.py",
    "services/notifier/outbox.py",
)
_PLACEHOLDER = re.compile(r"<[^>]+>|\{[^}]+\}|\$\w+")


def test_every_make_target_that_is_named_exists() -> None:
    messages = "\n".join(re.findall(r"`make [^`]+`", "\n".join(map(text, SOURCES))))
    assert set(_TARGET.findall(f"{ALL_CODE}\n{messages}")) - targets() == set()


def test_every_make_target_is_named() -> None:
    assert targets() - set(_TARGET.findall(OPERATOR_PAGES)) - {"help"} == set()


def test_every_command_that_is_named_exists() -> None:
    messages = "\n".join(re.findall(r"`switchboard [^`]+`", "\n".join(map(text, SOURCES))))
    named = set(_COMMAND.findall(f"{ALL_CODE}\n{messages}"))
    unknown = {
        f"{name} {option}".strip()
        for name, options in named
        for option in options.split() or [""]
        if name not in commands() or (option and option not in options_of(commands()[name]))
    }
    assert named
    assert unknown == set()


def test_every_command_is_named() -> None:
    assert set(commands()) - {name for name, _ in _COMMAND.findall(OPERATOR_PAGES)} == set()


def test_every_variable_that_is_named_exists() -> None:
    named = set(_VARIABLE.findall(ALL_CODE)) - set(Topology.load().streams)
    written = "\n".join([*map(text, SOURCES), text("Makefile"), text("scripts/tools")])
    unknown = {one for one in named - settings() if one.removesuffix(FILE_SUFFIX) not in settings()}
    assert {one for one in unknown if one not in written} == set()
    assert named >= settings()


def test_every_variable_that_is_read_is_named() -> None:
    matches = (match for path in SOURCES for match in _READ_VARIABLE.findall(text(path)))
    found = {variable for match in matches for variable in match}
    assert set(OTHERS) <= found
    assert found - {"", "PATH"} - set(_VARIABLE.findall(ALL_CODE)) == set()


def test_every_event_is_in_the_catalogue() -> None:
    names = {event.short_name for event in catalog.published()}
    assert {name for name in names if name not in text("docs/events.md")} == set()


def test_every_name_in_capitals_and_small_letters_is_a_class() -> None:
    classes = {name for path in SOURCES for name in _CLASS.findall(text(path))}
    named = {span for span in ALL_SPANS if re.fullmatch(r"(?:[A-Z][a-z]+){2,}", span)}
    assert named
    assert named - classes == set()


def test_every_route_that_is_named_exists() -> None:
    known = {(route.method, shape(route.path)) for route in routes()}
    by_hand = re.findall(r"\b(get|post) \"?(/[^\s\"|)]+)", text("README.md"))
    spoken = [match for span in ALL_SPANS for match in _ROUTE.findall(span)]
    named = {(m.upper(), shape(path)) for m, path in [*by_hand, *spoken]}
    assert by_hand
    assert named - known == set()


def test_every_route_is_named() -> None:
    page = text("docs/http.md")
    assert [route for route in routes() if f"`{route.method} {route.path}`" not in page] == []


def test_every_path_that_is_named_exists() -> None:
    tops = "|".join({re.escape(path.parts[0]) for path in files() if len(path.parts) > 1})
    a_path = re.compile(rf"(?:{tops})/[^\s*]*")
    named = {(page, s) for page in pages() for s in spans(page) if a_path.fullmatch(s)}
    assert named
    assert {path for page, path in named if not exists(path, page)} == set()


def test_every_metric_is_named_and_every_metric_that_is_named_exists() -> None:
    defined = "".join(map(text, METRICS))
    assert set(_METRIC.findall(code("docs/operations.md"))) == set(_METRIC.findall(defined))


def test_every_generated_page_is_fresh() -> None:
    made = {path: content for path, content in generated_files().items() if path.suffix == ".md"}
    assert {str(path) for path in made} >= {"docs/settings.md", "docs/http.md", "docs/events.md"}
    stale = [str(path) for path, content in made.items() if text(path) != content]
    assert stale == [], "run `make schemas`"


@cache
def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", text("Makefile"), re.MULTILINE))


@cache
def commands() -> dict[str, Any]:
    group = typer.main.get_command(cli.app)
    assert isinstance(group, TyperGroup)
    return dict(group.commands)


def options_of(command: Any) -> set[str]:
    return {option for p in command.params for option in (*p.opts, *p.secondary_opts)}


@cache
def settings() -> set[str]:
    classes: list[type[ServiceSettings]] = [Settings, *SETTINGS.values()]
    return {*OTHERS, *(name for one in classes for name in variables(one))}


@cache
def routes() -> list[Route]:
    own = [route for service in BLUEPRINTS for route in service_routes(service)]
    return own + routes_of([OperationsController, MailboxController, *portal_controllers])


def shape(path: str) -> str:
    return _PLACEHOLDER.sub("{}", path.partition("?")[0].rstrip("\"'`"))


def exists(path: str, page: Path) -> bool:
    """Whether a page names a path, from the root or from the page, that stands for some file."""
    pattern = _PLACEHOLDER.sub("*", path.rstrip("/"))
    return any(known(file) for base in (ROOT, ROOT / page.parent) for file in base.glob(pattern))


def known(found: Path) -> bool:
    path = found.relative_to(ROOT)
    return path in files() or any(file.is_relative_to(path) for file in files())

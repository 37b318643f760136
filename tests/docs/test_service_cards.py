"""Every service has a card of the same form, and what the card says is so."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from chassis.jetstream.topology import Topology
from chassis.settings import FILE_SUFFIX
from schemas import catalog
from switchboard.catalogue import BLUEPRINTS, PORTAL, SETTINGS
from switchboard.settings_page import variables
from tests.docs.repository import files, section, text

SERVICES = sorted(BLUEPRINTS)
WITH_PORTAL = [*SERVICES, PORTAL]
HEADINGS = ["Owns", "Commands", "Publishes", "Reacts to", "Read models", "Settings"]
LONGEST_CARD = 40

_EVENT = re.compile(r"`((?:[A-Z][a-z]+){2,})`")
_VARIABLE = re.compile(r"`([A-Z_]+)`")
_ROW = re.compile(r"^\| `(\w+)` \|\s*(.*?)\s*\|", re.MULTILINE)


def card(service: str) -> Path:
    return Path("services") / service / "README.md"


@pytest.mark.parametrize("service", WITH_PORTAL)
def test_a_card_has_the_fixed_headings_and_fits_on_a_screen(service: str) -> None:
    lines = text(card(service)).splitlines()
    assert lines[0] == f"# {service.capitalize()}"
    assert [line.removeprefix("## ") for line in lines if line.startswith("## ")] == HEADINGS
    assert len(lines) <= LONGEST_CARD


@pytest.mark.parametrize("service", WITH_PORTAL)
def test_a_card_names_every_event_the_service_publishes_and_no_other(service: str) -> None:
    published = {e.short_name for e in catalog.published() if e.service == service}
    assert set(_EVENT.findall(section(card(service), "Publishes"))) == published


@pytest.mark.parametrize("service", SERVICES)
def test_a_card_names_every_event_the_service_reacts_to_and_no_other(service: str) -> None:
    reacts = Topology.load().services[service].reacts
    awaited = {event for events in reacts.values() for event in events}
    assert set(_EVENT.findall(section(card(service), "Reacts to"))) == awaited


@pytest.mark.parametrize("service", SERVICES)
def test_a_card_names_every_read_model_and_no_other(service: str) -> None:
    projections = import_module(f"services.{service}.projections").projections
    kept = {projection.model.name for projection in projections}
    assert set(re.findall(r"`(\w+_v\d+)`", section(card(service), "Read models"))) == kept


@pytest.mark.parametrize("service", WITH_PORTAL)
def test_a_card_names_every_setting_and_no_other(service: str) -> None:
    known = set(variables(SETTINGS[service]))
    named = set(_VARIABLE.findall(section(card(service), "Settings")))
    assert {name if name in known else name.removesuffix(FILE_SUFFIX) for name in named} == known


@pytest.mark.parametrize("service", WITH_PORTAL)
def test_a_default_in_a_card_is_the_default(service: str) -> None:
    page = dict(_ROW.findall(text("docs/settings.md")))
    named = dict(_ROW.findall(section(card(service), "Settings")))
    assert {n: bare(d) for n, d in named.items()} == {n: bare(page[n]) for n in named}


def bare(default: str) -> str:
    return default.strip("`*")


def test_every_service_has_a_card() -> None:
    folders = {path.parts[1] for path in files() if path.match("services/*/app.py")}
    assert folders == set(WITH_PORTAL)

"""Templates in a person's language, with dates as they are written there."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from babel.dates import format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from chassis.wording import LANGUAGES, locale, speak
from services.portal.files import ASSETS
from services.portal.navigation import places
from services.portal.paging import following, previous
from services.portal.wording import texts, translated

LANGUAGE_NAMES = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "ru": "Русский",
}
ENDS = {
    "user": "You signed out.",
    "connection_lost": "You were signed out, because the connection was lost.",
    "grace_over": "You were signed out, because the connection was lost for too long.",
    "takeover": "You were signed out, because you signed in somewhere else.",
    "forced": "You were signed out by a supervisor or administrator.",
    "limit": "You were signed out, because the longest time for a session was over.",
    "desk_withdrawn": "You were signed out, because your desk was taken out of use.",
    "unknown": "Your session is over.",
}
"""Why a session is over, for the person whose it was."""
ROLES = {"administrator": "Administrator", "supervisor": "Supervisor", "agent": "Agent"}


class Templates:
    """The templates of this package."""

    @staticmethod
    def render(template: str, language: str, **said: Any) -> str:
        """Raises jinja2's `TemplateError` for a template that is wrong."""
        return environment(language).get_template(template).render(said)


@cache
def environment(language: str) -> Environment:
    """How templates are read in one language."""
    made = Environment(
        loader=PackageLoader("services.portal"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    speak(made, texts(language))
    made.globals.update(
        asset={name: one.address for name, one in ASSETS.items()},
        language=language,
        languages={code: LANGUAGE_NAMES[code] for code in LANGUAGES},
        places=places,
        following=following,
        previous=previous,
        zip=zip,
        ends=ENDS,
        told=lambda text: _told(text, language),
        roles=lambda role: texts(language).gettext(ROLES[role]),
    )
    made.filters.update(
        moment=lambda at: moment(at, language),
        language_name=lambda code: LANGUAGE_NAMES.get(code, code),
        number=lambda value: format_decimal(value, locale=locale(language)),
    )
    return made


def _told(text: str, language: str) -> str:
    """A text that stands elsewhere: ours, or what a service has said."""
    own = texts(language).gettext(text)
    return translated(text, language) if own == text else own


def moment(at: datetime | None, language: str) -> Markup:
    """A point in time as it is written in a language; a script shows it in the local zone."""
    if at is None:
        return Markup("&ndash;")
    utc = at.astimezone(UTC)
    text = format_datetime(utc, "d MMM y, HH:mm", locale=locale(language))
    return Markup('<time datetime="{}">{} UTC</time>').format(utc.isoformat(), text)

"""The templates of mails: ours, or an organization's own, which are tried out at the start."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from chassis.wording import speak
from services.notifier.wording import texts

HTML, TEXT = "instructions.html.j2", "instructions.txt.j2"
NAMES = frozenset({HTML, TEXT})

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Templates:
    """`overrides` holds a folder per organization id, with its own files of the same names.

    `strict`: a template of an organization that fails is an error, not replaced by ours.
    """

    overrides: Path | None = None
    strict: bool = False
    _environments: dict[tuple[str, str], Environment] = field(default_factory=dict, repr=False)

    def render(self, name: str, organization: str, language: str, values: Mapping[str, Any]) -> str:
        """One part of a mail. Raises jinja2's `TemplateError` if strict."""
        try:
            return self._environment(organization, language).get_template(name).render(values)
        except TemplateError as error:
            if self.strict:
                raise
            # Only the kind: the text may quote what the mail says.
            kind = type(error).__name__
            _log.error("template_failed", template=name, organization=organization, kind=kind)
            return self._environment("", language).get_template(name).render(values)

    def overridden(self) -> Iterator[tuple[str, Path]]:
        """Every file of the overrides with the organization whose folder it is in."""
        folders = sorted(self.overrides.iterdir()) if self.overrides else []
        for folder in folders:
            if folder.is_dir() and not folder.name.startswith("."):
                yield from ((folder.name, file) for file in sorted(folder.iterdir()))

    def _environment(self, organization: str, language: str) -> Environment:
        own = self._own_folder(organization)
        key = (organization if own else "", language)
        if key not in self._environments:
            self._environments[key] = _environment(own, language)
        return self._environments[key]

    def _own_folder(self, organization: str) -> Path | None:
        # An id is one plain word; anything else must not wander about the file system.
        if self.overrides is None or Path(organization).name != organization:
            return None
        folder = self.overrides / organization
        return folder if organization and folder.is_dir() else None


def _environment(own: Path | None, language: str) -> Environment:
    shipped = PackageLoader("services.notifier")
    kind = ImmutableSandboxedEnvironment if own else Environment
    environment = kind(
        loader=ChoiceLoader([FileSystemLoader(own), shipped]) if own else shipped,
        autoescape=lambda name: name == HTML,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    speak(environment, texts(language))
    return environment

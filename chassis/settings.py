"""Settings from the environment, checked at the start; secrets may stand in files instead."""

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self, get_args

import structlog
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from chassis.field_messages import message

FILE_SUFFIX = "_FILE"

MAY_BE_A_FILE = "may be a file"
"""Marks a field that is no secret as such, but may hold one: a URL with a password in it."""

_log = structlog.get_logger(__name__)


class WrongSettings(Exception):
    """The process cannot start like this. The text names each variable and what to do."""


class ServiceSettings(BaseSettings):
    """Base of all settings. A subclass names its `env_prefix` and describes every field.

    A field of type `SecretStr`, or one marked `MAY_BE_A_FILE`, may also be given as the path of a
    file, in the variable of the same name with `_FILE` behind.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        for name, field in cls.model_fields.items():
            if not field.description:
                raise TypeError(f"{cls.__name__}.{name} lacks a description: operators read it.")

    @classmethod
    def load(cls, **unless_set: Any) -> Self:
        """Read the environment; `unless_set` holds for what it does not say.

        Raises `WrongSettings`.
        """
        cls._warn_of_misspelt()
        said = {name.upper() for name in os.environ}
        try:
            return cls(**{n: v for n, v in unless_set.items() if cls.variable(n) not in said})
        except ValidationError as error:
            raise WrongSettings("\n".join(_complaints(cls, error))) from None
        except SettingsError as error:
            raise WrongSettings(f"{error}. Lists and objects are written as JSON.") from None

    @classmethod
    def variable(cls, name: str) -> str:
        """The environment variable of a field."""
        return f"{cls.model_config.get('env_prefix', '')}{name}".upper()

    @classmethod
    def _warn_of_misspelt(cls) -> None:
        # Others may set variables with our prefix, as Kubernetes does: only near misses are told.
        known = [cls.variable(name) + end for name in cls.model_fields for end in ("", FILE_SUFFIX)]
        prefix = cls.variable("")
        for name in map(str.upper, os.environ):
            if name.startswith(prefix) and name not in known:
                for meant in get_close_matches(name, known, n=1, cutoff=0.85):
                    _log.warning("setting_unknown", variable=name, perhaps_meant=meant)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then variables, then files that variables name."""
        return init_settings, env_settings, _SecretFiles(cls)


class _SecretFiles(PydanticBaseSettingsSource):
    def __init__(self, settings: type[ServiceSettings]) -> None:
        super().__init__(settings)
        self._settings = settings

    def __call__(self) -> dict[str, Any]:
        return {
            name: content
            for name, field in self._settings.model_fields.items()
            if (content := self.get_field_value(field, name)[0]) is not None
        }

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        variable = self._settings.variable(field_name)
        path = os.environ.get(variable + FILE_SUFFIX)
        secret = SecretStr in {field.annotation, *get_args(field.annotation)}
        if path is None or not (secret or MAY_BE_A_FILE in field.metadata):
            return None, field_name, False
        if variable in os.environ:
            raise WrongSettings(f"Set either {variable} or {variable}{FILE_SUFFIX}, not both.")
        return _content(path, variable + FILE_SUFFIX), field_name, False


def _content(path: str, variable: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise WrongSettings(
            f"{variable} names {path}, which cannot be read. Mount the secret there."
        ) from None


def _complaints(settings: type[ServiceSettings], error: ValidationError) -> list[str]:
    complaints = []
    for one in error.errors(include_url=False, include_input=False):
        name = str(one["loc"][0]) if one["loc"] else ""
        field = settings.model_fields.get(name)
        meaning = f" It means: {field.description}" if field else ""
        remedy = "Set it." if one["type"] == "missing" else message(one)
        where = settings.variable(name) if name else f"{settings.variable('…')} together"
        complaints.append(f"{where}: {remedy}{meaning}")
    return complaints

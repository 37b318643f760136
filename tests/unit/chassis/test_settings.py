"""Settings from the environment, and what an operator reads when one is wrong."""

import traceback
from pathlib import Path
from typing import Annotated

import pytest
import structlog
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from chassis.settings import MAY_BE_A_FILE, ServiceSettings, WrongSettings


class Settings(ServiceSettings):
    """Settings of a demo."""

    model_config = SettingsConfigDict(env_prefix="DEMO_")

    beat_seconds: int = Field(default=15, ge=1, description="How often a client beats, in seconds.")
    smtp_password: SecretStr | None = Field(default=None, description="Password at the mail relay.")
    languages: list[str] = Field(default=["en"], description="Languages offered.")
    host: str = Field(description="Name of the relay.")
    store: Annotated[str, MAY_BE_A_FILE] = Field(default="none", description="Address of a store.")


@pytest.fixture(autouse=True)
def host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_HOST", "relay.example.com")


def test_variables_become_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_BEAT_SECONDS", "3")
    settings = Settings.load()
    assert (settings.beat_seconds, settings.host) == (3, "relay.example.com")


def test_settings_do_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError):
        Settings.load().beat_seconds = 4  # type: ignore[misc]  # what mypy refuses is the test


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(" hunter2 \n")
    monkeypatch.setenv("DEMO_SMTP_PASSWORD_FILE", str(tmp_path / "password"))
    password = Settings.load().smtp_password
    assert password is not None
    assert password.get_secret_value() == " hunter2 "


def test_an_address_with_a_password_may_stand_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "store").write_text("mongodb://ada:hunter2@mongo\n")
    monkeypatch.setenv("DEMO_STORE_FILE", str(tmp_path / "store"))
    assert Settings.load().store == "mongodb://ada:hunter2@mongo"


def test_only_secrets_may_stand_in_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "beat").write_text("4")
    monkeypatch.setenv("DEMO_BEAT_SECONDS_FILE", str(tmp_path / "beat"))
    assert Settings.load().beat_seconds == 15


def test_a_secret_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2")
    monkeypatch.setenv("DEMO_SMTP_PASSWORD", "hunter3")
    monkeypatch.setenv("DEMO_SMTP_PASSWORD_FILE", str(tmp_path / "password"))
    with pytest.raises(WrongSettings, match="DEMO_SMTP_PASSWORD or DEMO_SMTP_PASSWORD_FILE"):
        Settings.load()


def test_a_missing_secret_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DEMO_SMTP_PASSWORD_FILE", str(tmp_path / "none"))
    with pytest.raises(WrongSettings, match=r"DEMO_SMTP_PASSWORD_FILE names .*none"):
        Settings.load()


def test_wrong_settings_are_named_all_at_once_with_their_meaning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DEMO_BEAT_SECONDS", "0")
    monkeypatch.delenv("DEMO_HOST")
    with pytest.raises(WrongSettings) as refused:
        Settings.load()
    assert str(refused.value).splitlines() == [
        "DEMO_BEAT_SECONDS: Enter a number of at least 1. "
        "It means: How often a client beats, in seconds.",
        "DEMO_HOST: Set it. It means: Name of the relay.",
    ]


@pytest.mark.parametrize(
    ("variable", "value"), [("DEMO_BEAT_SECONDS", "hunter2"), ("DEMO_LANGUAGES", "hunter2")]
)
def test_a_wrong_value_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(WrongSettings) as refused:
        Settings.load()
    assert value not in "".join(traceback.format_exception(refused.value))


def test_a_field_without_description_is_a_mistake() -> None:
    with pytest.raises(TypeError, match=r"Bare\.field lacks a description"):

        class Bare(ServiceSettings):
            field: int = 0


def test_what_nobody_set_is_taken_from_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.load(beat_seconds=7).beat_seconds == 7
    monkeypatch.setenv("DEMO_BEAT_SECONDS", "3")
    assert Settings.load(beat_seconds=7).beat_seconds == 3


def test_a_misspelt_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_BEAT_SECOND", "3")
    with structlog.testing.capture_logs() as lines:
        Settings.load()
    assert [(line["variable"], line["perhaps_meant"]) for line in lines] == [
        ("DEMO_BEAT_SECOND", "DEMO_BEAT_SECONDS")
    ]

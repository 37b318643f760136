"""One variable of the installation is enough for all services that need to know."""

from pathlib import Path

from switchboard.catalogue import SETTINGS
from switchboard.keys import Keys
from switchboard.settings import Settings
from switchboard.told import told


def test_every_service_is_told_where_its_keys_are() -> None:
    keys = Keys(Path("keys"))
    for service, values in told(Settings(), keys).items():
        for name, path in values.items():
            assert path.parent == keys.folder
            assert SETTINGS[service].model_fields[name].annotation is Path


def test_what_holds_for_the_installation_is_said_once() -> None:
    settings = Settings(public_url="https://phones.example.com", default_domain="acme.example")
    values = told(settings, Keys(Path("keys")))
    assert values["activation"]["public_url"] == "https://phones.example.com"
    assert values["sessions"]["default_domain"] == "acme.example"


def test_what_the_installation_does_not_say_is_left_to_the_service() -> None:
    values = told(Settings(), Keys(Path("keys")))
    assert "public_url" not in values["activation"]
    assert "default_domain" not in values["sessions"]

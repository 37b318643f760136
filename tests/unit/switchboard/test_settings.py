"""Settings of the installation are refused when they would silently do something else."""

from pathlib import Path

import pytest

from chassis.settings import WrongSettings
from switchboard.settings import Settings


@pytest.mark.parametrize("addresses", ["", "10.0.0.7", "10.0.0.0/8, 192.0.2.1,", "::1,fd00::/8"])
def test_proxies_are_trusted_by_address_or_network(addresses: str) -> None:
    assert Settings.load(trusted_proxies=addresses).trusted_proxies == addresses


@pytest.mark.parametrize("text", ["*", "ingress.example", "10.0.0.1/8", "10.0.0.0/33", "10.0.0"])
def test_a_proxy_that_would_never_be_met_or_whoever_it_is_is_refused(text: str) -> None:
    with pytest.raises(WrongSettings, match=r"is no address and no network\. Write 10\.0\.0\.7"):
        Settings.load(trusted_proxies=f"10.0.0.7,{text}")


@pytest.mark.parametrize("everybody", ["0.0.0.0/0", "::/0"])
def test_everybody_is_no_proxy(everybody: str) -> None:
    with pytest.raises(WrongSettings, match=r"is everybody\. Name the network"):
        Settings.load(trusted_proxies=everybody)


def test_operators_find_the_read_models_of_each_service_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "sessions").write_text("mongodb://sessions@mongo\n")
    settings = Settings.load(store="mongodb://all@mongo", stores=tmp_path)
    assert settings.store_of("sessions") == "mongodb://sessions@mongo"
    assert Settings.load(store="mongodb://all@mongo").store_of("sessions") == "mongodb://all@mongo"


def test_a_service_whose_read_models_nobody_named_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongSettings, match="has no file notifier that can be read: No such file"):
        Settings.load(stores=tmp_path).store_of("notifier")

"""Settings of the provisioning service, read from `PROVISIONING_…` variables."""

from pathlib import Path

from pydantic import Field, IPvAnyNetwork
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """What an operator can choose."""

    model_config = SettingsConfigDict(env_prefix="PROVISIONING_")

    default_provider_name: str = Field(
        default="Phone system",
        description="Name of the service provider that every organization starts with.",
    )
    default_provider_sip_server: str = Field(
        default="sip.example.com",
        description="SIP server (host or IP address) of the default service provider.",
    )
    default_provider_sip_port: int = Field(
        default=5060, ge=1, le=65535, description="SIP port of the default service provider."
    )
    sealing_keys: Path = Field(
        description="File with activation's public sealing keys; SIP passwords are sealed to them."
    )
    keyring: Path = Field(
        description="File with the keys that rows of imports are encrypted with while they wait."
    )
    reachability_test: bool = Field(
        default=False,
        description="Whether administrators may have a provider's SIP server asked if it is there.",
    )
    reachability_networks: tuple[IPvAnyNetwork, ...] = Field(
        default=(),
        description="Networks, such as 10.20.0.0/16, of SIP servers that may be asked although "
        "their addresses are not public.",
    )

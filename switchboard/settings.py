"""Settings of the installation as a whole, read from `SWITCHBOARD_…` variables."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import MAY_BE_A_FILE, ServiceSettings, WrongSettings

SQLITE = "sqlite"


def _addresses(text: str) -> str:
    # The server would take anything for a name, and never meet it; with * it would believe all.
    for one in filter(None, map(str.strip, text.split(","))):
        try:
            network = ip_network(one)
        except ValueError:
            raise ValueError(
                f"{one} is no address and no network. Write 10.0.0.7, 10.0.0.0/8 or fd00::/8."
            ) from None
        if network.prefixlen == 0:
            raise ValueError(f"{one} is everybody. Name the network that your proxies are in.")
    return text


class Settings(ServiceSettings):
    """What an operator can choose for all services."""

    model_config = SettingsConfigDict(env_prefix="SWITCHBOARD_")

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8080, ge=1, le=65535, description="Port to listen on.")
    data: Path = Field(
        default=Path("var"), description="Folder for the log, read models, keys and mailbox."
    )
    archive: Path | None = Field(
        default=None,
        description="Folder that the logs are archived to; `archive` in the data folder if unset. "
        "Choose another disk.",
    )
    store: Annotated[str, MAY_BE_A_FILE] = Field(
        default=SQLITE,
        repr=False,
        pattern=r"^(sqlite|mongodb(\+srv)?://.+)$",
        description="Where read models are kept: `sqlite`, or a `mongodb://` URL.",
    )
    stores: Path | None = Field(
        default=None,
        description="For operators' commands where each service has a database user of its own: a "
        "folder with a file for each service, named like it, that holds its `mongodb://` URL.",
    )
    nats_url: str | None = Field(
        default=None,
        description="A NATS server to use. `switchboard up` starts one of its own without it.",
    )
    nats_seeds: Path | None = Field(
        default=None, description="Folder with the nkey seeds of the NATS users, one file each."
    )
    stream_replicas: int = Field(
        default=1,
        ge=1,
        le=5,
        description="On how many servers `switchboard setup` has each stream kept; 3 in a cluster.",
    )
    public_url: str | None = Field(
        default=None, description="The address people and softphones reach this installation at."
    )
    jwks: str | None = Field(
        default=None, description="File or URL of the public keys that sign-ins are checked with."
    )
    trusted_proxies: Annotated[str, AfterValidator(_addresses)] = Field(
        default="",
        description="Addresses or networks of proxies, with commas, that may say for whom they "
        "ask; else the caller's own address counts.",
    )
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(lambda text: text.upper())
    ] = Field(
        default="INFO",
        description="The least important log lines to write: DEBUG, INFO, WARNING or ERROR.",
    )
    default_domain: str | None = Field(
        default=None, description="Domain that is appended where nothing else says which."
    )

    @property
    def archive_folder(self) -> Path:
        """Where the logs are archived."""
        return self.archive or self.data / "archive"

    def store_of(self, service: str) -> str:
        """Where the read models of one service are. Raises `WrongSettings`."""
        if self.stores is None:
            return self.store
        try:
            return (self.stores / service).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise WrongSettings(
                f"SWITCHBOARD_STORES has no file {service} that can be read: {error.strerror}."
            ) from error

    @property
    def origin(self) -> str:
        """The public address, without a slash at the end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

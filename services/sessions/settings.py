"""Settings of the sessions service, read from `SESSIONS_…` variables."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings

LEASE_BEATS = 3


class Settings(ServiceSettings):
    """What an operator can choose."""

    model_config = SettingsConfigDict(env_prefix="SESSIONS_")

    keyring: Path = Field(
        description="File with the keys for fingerprints of domains, user ids, machines, tokens."
    )
    signing_key: Path = Field(description="File with the private keys that sign access tokens.")
    access_token_seconds: int = Field(
        default=300, ge=30, le=3600, description="How long an access token is valid, in seconds."
    )
    heartbeat_seconds: int = Field(
        default=15, ge=1, le=300, description="How often a client says it is there, in seconds."
    )
    password_memory_kib: int = Field(
        default=19 * 1024,
        ge=1024,
        description="Memory that hashing one password takes, in KiB: more makes guessing dearer.",
    )
    failed_sign_ins_per_user: int = Field(
        default=10,
        ge=1,
        description="Wrong passwords for one user id in a minute before it has to wait; twice as "
        "many in a quarter of an hour, four times in an hour.",
    )
    failed_sign_ins_per_address: int = Field(
        default=300,
        ge=1,
        description="Wrong passwords from one address in a minute before it has to wait; longer "
        "waits follow as for user ids.",
    )
    refusal_milliseconds: int = Field(
        default=250,
        ge=0,
        le=5000,
        description="Wrong passwords are answered after this long, or whole multiples of it, so "
        "that the time does not tell whether the user exists.",
    )
    default_domain: str | None = Field(
        default=None,
        description="Domain appended to a user id where nothing else says which organization.",
    )
    self_registration: bool = Field(
        default=True, description="Whether anyone may register an organization."
    )

    @property
    def lease_seconds(self) -> int:
        """For how long a client may be silent before its connection counts as lost."""
        return self.heartbeat_seconds * LEASE_BEATS

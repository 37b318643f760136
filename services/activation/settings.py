"""Settings of the activation service, read from `ACTIVATION_…` variables."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """What an operator can choose."""

    model_config = SettingsConfigDict(env_prefix="ACTIVATION_")

    public_url: str = Field(
        default="http://localhost:8080",
        pattern=r"^https?://[^\s/]+(/[^\s]*)?$",
        description="Where people and softphones reach this installation; QR codes start with it.",
    )
    keyring: Path = Field(
        description="File with the keys that activation codes and fingerprints are derived with."
    )
    opening_keys: Path = Field(
        description="File with the private keys that open sealed SIP passwords."
    )
    code_lifetime_minutes: int = Field(
        default=10080, ge=10, le=129600, description="How long an activation code is good."
    )
    failed_tries_per_address: int = Field(
        default=10, ge=1, description="Wrong codes an address may try per minute."
    )
    failed_tries_in_all: int = Field(
        default=600, ge=1, description="Wrong codes that may be tried per minute in all."
    )
    codes_per_organization: int = Field(
        default=600,
        ge=1,
        description="Codes an organization may look up, reissue or have mailed per minute.",
    )
    noted_tries_per_organization: int = Field(
        default=60,
        ge=1,
        description="Tries of dead codes that are recorded per minute and organization.",
    )
    download_links: dict[str, str] = Field(
        default={
            "Android": "https://play.google.com/store/apps/details?id=org.linphone",
            "iPhone": "https://apps.apple.com/app/linphone/id360065638",
            "Computer": "https://www.linphone.org/",
        },
        description="Where the app can be had, for organizations that name no place of their own.",
    )

    @property
    def code_lifetime(self) -> timedelta:
        """How long an activation code is good."""
        return timedelta(minutes=self.code_lifetime_minutes)

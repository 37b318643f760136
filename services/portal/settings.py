"""Settings of the portal, read from `PORTAL_…` variables."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """What an operator can choose."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_")

    help_contact: str = Field(
        default="",
        max_length=200,
        description="Whom pages tell people to ask for help: an address or a number.",
    )
    download_links: dict[str, str] = Field(
        default={
            "Android": "https://play.google.com/store/apps/details?id=org.linphone",
            "iPhone": "https://apps.apple.com/app/linphone/id360065638",
            "Computer": "https://www.linphone.org/",
        },
        description="Where pages say the app can be had: a JSON object of platform and link.",
    )

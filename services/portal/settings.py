"""Settings of the portal, read from `PORTAL_…` variables."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings

HERE = "http://127.0.0.1:8080"


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
    sessions_url: str = Field(default=HERE, description="Where the sessions service answers.")
    provisioning_url: str = Field(default=HERE, description="Where provisioning answers.")
    activation_url: str = Field(default=HERE, description="Where activation answers.")
    notifier_url: str = Field(default=HERE, description="Where the notifier answers.")
    call_seconds: float = Field(
        default=10.0, gt=0, le=60, description="How long a service may take to answer, in seconds."
    )

    @property
    def service_urls(self) -> dict[str, str]:
        """Where each service answers, without a slash at the end."""
        return {
            "sessions": self.sessions_url.rstrip("/"),
            "provisioning": self.provisioning_url.rstrip("/"),
            "activation": self.activation_url.rstrip("/"),
            "notifier": self.notifier_url.rstrip("/"),
        }

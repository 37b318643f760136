"""Settings of the notifier, read from `NOTIFIER_…` variables."""

from typing import Annotated, Literal, Self

from pydantic import DirectoryPath, Field, FilePath, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings
from schemas.fields import Language

Seconds = Annotated[float, Field(gt=0)]


class Settings(ServiceSettings):
    """What an operator can choose."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_")

    mail_from: str = Field(
        pattern=r"^[!-;=?A-~]+@[a-z0-9.-]+$", description="Address that mails come from."
    )
    mail_from_name: str = Field(
        default="Phone system",
        max_length=100,
        description="Name that mails come from, where the organization is not known by name.",
    )
    mail_from_domains: tuple[str, ...] = Field(
        default=(),
        description="Further domains the mail server may send for, so that organizations can be "
        "senders by their own address there; a JSON list. Elsewhere answers go to that address.",
    )
    language: Language = Field(
        default="en", description="Language of mails where neither reader nor organization has one."
    )
    templates: DirectoryPath | None = Field(
        default=None,
        description="Folder with templates of organizations: a folder per organization id with "
        "`instructions.html.j2` or `instructions.txt.j2`, tried out at the start.",
    )
    help_contact: str = Field(
        default="",
        max_length=200,
        description="Whom a mail tells people to ask for help: an address or a number.",
    )
    download_links: dict[str, str] = Field(
        default={
            "Android": "https://play.google.com/store/apps/details?id=org.linphone",
            "iPhone": "https://apps.apple.com/app/linphone/id360065638",
            "Computer": "https://www.linphone.org/",
        },
        description="Where a mail says the app can be had: a JSON object of platform and link.",
    )
    smtp_host: str = Field(default="localhost", description="Mail server that takes our mails.")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="How the connection to the mail server is protected; none on one machine only.",
    )
    smtp_ca_file: FilePath | None = Field(
        default=None,
        description="File with the certificates to trust the mail server by, else the system's.",
    )
    smtp_username: str | None = Field(
        default=None, description="User name at the mail server, if it wants one."
    )
    smtp_password: SecretStr | None = Field(
        default=None, description="Password at the mail server, if it wants one."
    )
    smtp_seconds: Seconds = Field(
        default=30, description="How long the mail server may take for an answer, in seconds."
    )
    attempt_seconds: Seconds = Field(
        default=120,
        description="After how many seconds an attempt that never reported back counts as cut off.",
    )
    retry_minutes: tuple[Seconds, ...] = Field(
        default=(1, 5, 15, 60),
        min_length=1,
        description="Pauses after the first, second … deferred attempt; the last one is repeated.",
    )
    most_attempts: int = Field(
        default=26, ge=1, description="How often a deferred mail is tried: 26 times is a day."
    )
    hold_seconds: Seconds = Field(
        default=300,
        description="Pause, in seconds, while the mail server refuses us and not a mail.",
    )
    mails_at_once: int = Field(
        default=4,
        ge=1,
        le=100,
        description="Mails that one worker hands over at once, each on a connection of its own.",
    )
    most_per_recipient: int = Field(
        default=10, ge=1, description="Mails per hour to one address of an organization."
    )
    most_per_organization: int = Field(
        default=600, ge=1, description="Mails per minute of one organization."
    )

    @model_validator(mode="after")
    def _attempts_outlast_the_mail_server(self) -> Self:
        if self.attempt_seconds <= 2 * self.smtp_seconds:
            raise ValueError("attempt_seconds must be longer than two answers of the mail server")
        return self

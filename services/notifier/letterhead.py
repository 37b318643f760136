"""Whom mails come from, whom to ask for help and where the app is: installation, organization."""

import re
import unicodedata
from dataclasses import dataclass, replace

# Anything else could end the header it stands in, or name somebody else.
_ADDRESS = re.compile(r"[!-;=?A-~]+@[A-Za-z0-9.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Stationery:
    """What an organization has chosen for its mails; None and nothing mean: as all others."""

    mail_from: str | None = None
    help_contact: str | None = None
    download_links: dict[str, str] | None = None


@dataclass(frozen=True)
class Letterhead:
    """What the mails of this installation have in common.

    `sender_domains` are those it may send for, besides that of its own address.
    """

    sender: str
    sender_name: str
    help_contact: str
    download_links: dict[str, str]
    sender_domains: tuple[str, ...] = ()
    reply_to: str | None = None

    @property
    def domain(self) -> str:
        """Where the mails come from."""
        return _domain(self.sender)

    def of(self, own: Stationery) -> "Letterhead":
        """The same with what an organization has chosen.

        Anybody can register an organization, so its address is the sender only where the
        installation may send for that domain; else answers go there.
        """
        address = own.mail_from if own.mail_from and _ADDRESS.fullmatch(own.mail_from) else None
        allowed = address and _domain(address) in (self.domain, *self.sender_domains)
        return replace(
            self,
            sender=address if address and allowed else self.sender,
            reply_to=address if address and not allowed else None,
            help_contact=one_line(own.help_contact or self.help_contact),
            download_links=own.download_links or self.download_links,
        )


def one_line(text: str) -> str:
    """A name fit for a header and a sentence: no line breaks, no control characters."""
    printable = (" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    return " ".join("".join(printable).split())


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()

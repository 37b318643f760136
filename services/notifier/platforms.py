"""Where the app can be had, sorted by what is done with it: a phone scans, a computer does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from services.notifier.letterhead import one_line
from services.notifier.wording import texts

_MOBILE = {"android", "iphone", "ipad", "ios", "phone", "tablet"}


@dataclass(frozen=True, slots=True)
class Platforms:
    """Links by the name of their platform."""

    mobile: Mapping[str, str]
    desktop: Mapping[str, str]

    @classmethod
    def of(cls, links: Mapping[str, str], language: str) -> Self:
        """Sort them. Links that a mail client would not open as a page are left out."""
        # Here, as templates take what they translate for markup, and these names are anybody's.
        named = texts(language).gettext
        pages = {
            one_line(name): link
            for name, link in links.items()
            if link.startswith(("https://", "http://")) and link == "".join(link.split())
        }
        mobile = {name: link for name, link in pages.items() if name.lower() in _MOBILE}
        desktop = {named(n): link for n, link in pages.items() if n and n not in mobile}
        return cls(mobile, desktop)

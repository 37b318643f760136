"""Addresses of this installation as they stand in mails, QR codes and softphones."""

from dataclasses import dataclass, field

from chassis.decider import Refused
from services.activation.codes import Codes
from services.activation.domain.code import shown, typed
from services.activation.domain.state import Activation


class KeyGone(Refused):
    """A code that nobody can derive any more."""

    def __init__(self) -> None:
        super().__init__(
            "The key that made this code has been taken out of the key file. Issue a new code."
        )


@dataclass(frozen=True, slots=True)
class CodeLinks:
    """A code as people read it, the page for them, and the address for softphones."""

    code: str = field(repr=False)
    activation_url: str = field(repr=False)
    provisioning_url: str = field(repr=False)


@dataclass(frozen=True)
class Links:
    """Everything under the public URL, which ends without a slash."""

    public_url: str
    codes: Codes

    def code(self, device_id: str, known: Activation) -> CodeLinks:
        """The code of the present generation, which must have been issued. Raises `KeyGone`."""
        try:
            code = shown(self.codes.derived(device_id, known.generation, known.key_id))
        except KeyError:
            raise KeyGone from None
        return CodeLinks(
            code=code,
            # Browsers send a fragment nowhere: opening the page tells no server the code.
            activation_url=self.page(code),
            provisioning_url=f"{self.public_url}/p/{code}",
        )

    def page(self, text: str) -> str:
        """The page for people with a code as somebody typed or scanned it, whatever it is worth."""
        code = typed(text)
        return f"{self.public_url}/activate" + (f"#{shown(code)}" if code else "")

    def configuration(self, token: str) -> str:
        """Where an activated softphone fetches its configuration from then on."""
        return f"{self.public_url}/c/{token}"

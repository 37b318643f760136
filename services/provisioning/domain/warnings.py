"""Settings that are allowed although a softphone we know does not work with them."""

from collections.abc import Iterator

_BAD_FOR_BARESIP = '" \t'


def password_warnings(password: str | None) -> Iterator[str]:
    """What a password does to softphones. The text never repeats it."""
    if password and any(character in password for character in _BAD_FOR_BARESIP):
        yield "baresip cannot use a password with a quotation mark or a blank in it."


def account_warnings(
    *, password_entered_on_device: bool, authorization_username: str | None
) -> Iterator[str]:
    """What an account's settings do to softphones."""
    if password_entered_on_device and authorization_username:
        yield (
            "Linphone ignores the authorization username when the password is entered on the "
            "device. Let the password be delivered, or leave the authorization username out."
        )

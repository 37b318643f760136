"""What a format cannot carry is left out, and the document says so: it is never a broken one."""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.activation.documents import Account


@dataclass
class Carrying:
    """Takes what a format can carry, slot by slot, and notes in words what it leaves out."""

    can_carry: Callable[[str], bool]
    left_out: list[str] = field(default_factory=list)

    def take(self, slot: int, what: str, value: str | None) -> str | None:
        """The value, None if there is none or it cannot be carried."""
        if value is None or self.can_carry(value):
            return value
        self.leave_out(slot, f"{what} left out, it has a character this format cannot carry")
        return None

    def leave_out(self, slot: int, reason: str) -> None:
        """Note what is left out of a slot. The reason holds nothing that anybody entered."""
        self.left_out.append(f"slot {slot}: {reason}")

    def password(self, slot: int, account: Account) -> str | None:
        """The password if we hold it and the format can carry it."""
        if account.password is None:
            return None
        return self.take(slot, "password", account.password.get_secret_value())

    def dialing_rules(self, slot: int, account: Account) -> None:
        """Most formats have no place for rules."""
        if account.dialing_rules:
            self.leave_out(slot, "dialing rules left out, this format has none")

"""What each role finds where: the menu of every page."""

from dataclasses import dataclass

from services.portal.resources.sessions import Role


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the menu. `name` is translated when it is shown."""

    path: str
    name: str
    icon: str


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that belong together."""

    name: str
    places: tuple[Place, ...]


_PHONES = Group(
    "Phones",
    (
        Place("/home", "Overview", "home"),
        Place("/providers", "Providers", "provider"),
        Place("/sip-accounts", "SIP accounts", "account"),
        Place("/contacts", "Contacts", "contact"),
        Place("/devices", "Devices", "device"),
        Place("/imports", "Import", "import"),
    ),
)
_CALL_CENTRE = Group(
    "Call centre",
    (
        Place("/board", "Live board", "board"),
        Place("/history", "History", "history"),
        Place("/seat-hours", "Seat hours", "hours"),
    ),
)
_ADMINISTRATION = Group(
    "Organization",
    (
        Place("/users", "Users", "user"),
        Place("/desks", "Desks", "desk"),
        Place("/sign-in-policy", "Sign-in policy", "policy"),
        Place("/organization", "Settings", "settings"),
    ),
)
_OWN = Group(
    "Work",
    (
        Place("/my-session", "My session", "session"),
        Place("/floor", "Desks", "desk"),
    ),
)
_BY_ROLE: dict[Role, tuple[Group, ...]] = {
    "administrator": (_PHONES, _CALL_CENTRE, _ADMINISTRATION),
    "supervisor": (_CALL_CENTRE,),
    "agent": (_OWN,),
}


def places(role: Role) -> tuple[Group, ...]:
    """The menu of a role."""
    return _BY_ROLE[role]


def start(role: Role) -> str:
    """Where somebody of this role begins."""
    return _BY_ROLE[role][0].places[0].path

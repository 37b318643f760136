"""Contacts as lists and searches show them. Of one that is gone, nothing is kept."""

from dataclasses import dataclass
from datetime import datetime

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import Index, ReadModel
from schemas.provisioning import ContactAdded, ContactChanged, ContactErased, ContactRemoved
from services.provisioning.domain.contact import Contact
from services.provisioning.domain.contact import evolve as evolve_contact
from services.provisioning.views.search import TERM_FIELDS, by_field, folded, terms

ContactEvents = (ContactAdded, ContactChanged, ContactRemoved, ContactErased)


@dataclass(frozen=True)
class ContactView:
    """A contact as lists show it, by last name. `term_…` are what a search finds it by."""

    id: str
    version: int
    created_at: datetime
    sort_name: str
    contact: Contact
    term_0: str
    term_1: str
    term_2: str
    term_3: str
    term_4: str
    term_5: str
    term_6: str
    term_7: str
    term_8: str
    term_9: str
    term_10: str
    term_11: str

    @property
    def terms(self) -> tuple[str, ...]:
        """Those that are in use."""
        return tuple(term for name in TERM_FIELDS if (term := getattr(self, name)))


def project_contact(view: ContactView | None, recorded: Recorded) -> ContactView | None:
    """Fold a contact's events."""
    event = recorded.event
    if not isinstance(event, ContactEvents):
        return view
    now = evolve_contact(view.contact if view else None, event)
    if now.removed:
        return None
    addresses = [email.address for email in now.emails]
    return ContactView(
        id=event.contact_id,
        version=recorded.envelope.version,
        created_at=view.created_at if view else recorded.envelope.time,
        sort_name=sort_name(now.first_name, now.last_name),
        contact=now,
        **by_field(terms([now.last_name, now.first_name, *addresses])),
    )


def sort_name(first_name: str, last_name: str) -> str:
    """What contacts are sorted by."""
    return folded(f"{last_name} {first_name}")


CONTACTS = ReadModel(
    "contacts_v2",
    ContactView,
    (
        Index("by_name", ("sort_name",)),
        Index("by_created", ("created_at",)),
        *(Index(f"by_{field}", (field,)) for field in TERM_FIELDS),
    ),
)

projection = Projection(
    CONTACTS, {kind: lambda event: event.contact_id for kind in ContactEvents}, project_contact
)

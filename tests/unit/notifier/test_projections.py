"""Read models of the notifier, as folds."""

from datetime import timedelta

from chassis.read_models import Bounds
from chassis.stores.folding import Folding, fold_batch
from schemas.event import Event
from schemas.notifier import (
    NotificationAttempted,
    NotificationDeferred,
    NotificationFailed,
    NotificationPlanned,
    NotificationSent,
    NotificationSuppressed,
)
from schemas.sessions import OrganizationChanged
from services.notifier.letterhead import Stationery
from services.notifier.projections import (
    CONTACTS,
    DEVICES,
    NOTIFICATIONS,
    ORGANIZATIONS,
    SIP_ACCOUNTS,
    NotificationView,
    OrganizationView,
    project_notification,
    project_organization,
    projections,
)
from services.notifier.template_check import LETTERHEAD
from tests.unit.notifier.scene import EXPIRY, NOON, ORG, ORGANIZATION, PostOffice, Scene, scene

ID = "n-1"
LATER = NOON + timedelta(minutes=5)
planned = NotificationPlanned(
    notification_id=ID,
    request_id="r-1",
    activation_id="d-1",
    device_id="d-1",
    contact_id="c-1",
    address_id="e-work",
    generation=1,
    language="en",
    expires_at=EXPIRY,
)
attempted = NotificationAttempted(notification_id=ID, attempt=1, message_id="<n-1@example.com>")
sent = NotificationSent(notification_id=ID, attempt=1, message_id="<n-1@example.com>")
deferred = NotificationDeferred(notification_id=ID, attempt=1, reason="patience", retry_at=LATER)


def shown(*events: Event) -> NotificationView:
    here = Scene(PostOffice())
    view: NotificationView | None = None
    for event in events:
        view = project_notification(view, here.recorded(event))
        here.now += timedelta(minutes=1)
    assert view is not None
    return view


def test_a_notification_shows_when_it_was_planned_and_when_it_last_changed() -> None:
    view = shown(planned, attempted, sent)
    assert (view.status, view.planned_at) == ("sent", NOON)
    assert view.changed_at == NOON + timedelta(minutes=2)
    assert view.device_id == "d-1"


def test_while_an_attempt_is_under_way_the_status_stays_what_it_was() -> None:
    assert shown(planned, attempted).status == "planned"
    assert shown(planned, deferred, attempted).status == "deferred"


def test_the_remark_says_why_a_mail_is_late_or_will_never_come() -> None:
    failed = NotificationFailed(notification_id=ID, attempt=1, code=550)
    suppressed = NotificationSuppressed(notification_id=ID, reason="code_dead")
    assert shown(planned, deferred).remark == "patience"
    assert shown(planned, attempted, failed).remark == "SMTP 550"
    assert shown(planned, suppressed).remark == "code_dead"
    assert shown(planned, deferred, attempted, sent).remark is None


def test_i33_folding_the_same_events_twice_changes_nothing() -> None:
    here = Scene(PostOffice())
    steps = Folding(projections).steps([here.recorded(event) for event in (planned, attempted)])
    once = fold_batch("NOTIFIER", steps, {})
    again = fold_batch("NOTIFIER", [*steps, *steps], {})
    assert once == again
    assert len(once) == 1


async def test_what_mails_are_made_of_is_known_by_id() -> None:
    models = (await scene()).read_models
    contact = await models.get(CONTACTS, ORG, "c-1")
    assert contact is not None
    assert contact.addresses == {"e-work": "ada@example.com", "e-home": "ada@home.example"}
    device = await models.get(DEVICES, ORG, "d-1")
    assert device is not None
    assert device.sip_account_ids == ("a-1",)
    account = await models.get(SIP_ACCOUNTS, ORG, "a-1")
    assert account is not None
    assert (account.name, account.password_entered_on_device) == ("Reception", False)
    organization = await models.get(ORGANIZATIONS, ORG, ORG)
    assert organization is not None
    assert organization.name == "Harbour Taxis"


CHANGED = OrganizationChanged(
    organization_id=ORG,
    name="Harbour Cabs",
    domains=("example.com",),
    help_contact="desk 7",
    mail_from="cabs@example.com",
    download_links={"ipad": "https://a.example/"},
    language="de",
)


async def test_what_an_organization_has_chosen_for_its_mails_is_kept() -> None:
    here = await scene()
    view = project_organization(None, here.recorded(ORGANIZATION))
    assert view == OrganizationView("Harbour Taxis")
    view = project_organization(view, here.recorded(CHANGED))
    own = Stationery("cabs@example.com", "desk 7", {"ipad": "https://a.example/"})
    assert view == OrganizationView("Harbour Cabs", "de", own)


async def test_what_an_organization_takes_back_is_as_for_all_others_again() -> None:
    here = await scene()
    view = project_organization(None, here.recorded(CHANGED))
    taken_back = OrganizationChanged(
        organization_id=ORG, name="Harbour Cabs", domains=("example.com",), download_links={}
    )
    view = project_organization(view, here.recorded(taken_back))
    assert view == OrganizationView("Harbour Cabs", None, Stationery(None, None, {}))
    letterhead = LETTERHEAD.of(view.stationery)
    assert letterhead.download_links == LETTERHEAD.download_links
    assert letterhead.help_contact == LETTERHEAD.help_contact


def test_the_trail_tells_every_step() -> None:
    view = shown(planned, deferred, attempted, sent)
    assert [(step.what, step.attempt, step.remark) for step in view.trail] == [
        ("planned", None, None),
        ("deferred", 1, "patience"),
        ("attempted", 1, None),
        ("sent", 1, None),
    ]
    assert [step.at - NOON for step in view.trail] == [timedelta(minutes=n) for n in range(4)]


def test_giving_up_is_told_from_a_refusal() -> None:
    failed = NotificationFailed(notification_id=ID, attempt=26, code=451)
    remark = shown(planned, failed).remark
    assert remark == "given up after 26 attempts, the last answer was SMTP 451"


async def test_mails_are_listed_by_time_by_device_and_by_status() -> None:
    here = await scene()
    await here.know(planned)
    for index, equals in (
        ("by_time", ()),
        ("by_device", ("d-1",)),
        ("by_status", ("planned",)),
        ("by_device_and_status", ("d-1", "planned")),
    ):
        page = await here.read_models.find(NOTIFICATIONS, ORG, index, Bounds(equals=equals))
        assert [view.id for view in page.items] == [ID], index
    empty = await here.read_models.find(NOTIFICATIONS, ORG, "by_status", Bounds(equals=("sent",)))
    assert empty.items == []

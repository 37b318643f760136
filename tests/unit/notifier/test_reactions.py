"""What happens when instructions are asked for, whatever goes wrong on the way."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from chassis.event_store import Change, ClaimChange, Position, StoreUnavailable
from schemas.activation import ActivationRequested
from schemas.notifier import (
    NotificationAttempted,
    NotificationFailed,
    NotificationPlanned,
    NotificationSuppressed,
)
from services.notifier.letterhead import Stationery
from services.notifier.mailer import (
    MailFateUnknown,
    MailPutOff,
    MailRefused,
    MailServerClosed,
)
from services.notifier.projections import ORGANIZATIONS, OrganizationView
from tests.unit.notifier.scene import (
    ACCOUNT,
    CODE,
    CONTACT,
    DEVICE,
    EXPIRY,
    KNOWN,
    NOON,
    ORG,
    Counter,
    Killed,
    PostOffice,
    Scene,
    scene,
)


class SlowOffice(PostOffice):
    """Takes its time, so that others come in between."""

    @asynccontextmanager
    async def handover(self, sender: str, recipient: str) -> AsyncIterator[Counter]:
        """All connect before the first gives a mail away."""
        async with super().handover(sender, recipient) as counter:
            await asyncio.sleep(0.01)
            yield counter


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


async def test_a37_the_mail_goes_to_the_address_asked_for(office: PostOffice) -> None:
    here = await scene(office)
    assert await here.react(here.requested("e-home")) is None
    ((recipient, mail),) = office.accepted
    assert recipient == "ada@home.example"
    assert mail["To"].addresses[0].addr_spec == "ada@home.example"
    assert mail["From"].addresses[0].display_name == "Harbour Taxis"
    assert here.log() == ["Planned", "Attempted", "Sent"]


async def test_activation_is_asked_for_the_code_of_this_generation(office: PostOffice) -> None:
    here = await scene(office)
    await here.react(here.requested())
    question = {"organization": ORG, "activation_id": "d-1", "generation": 1}
    assert here.asked == [("rpc.activation.code", question)]


async def test_i19_a_request_delivered_again_sends_nothing_more(office: PostOffice) -> None:
    here = await scene(office)
    requested = here.requested("e-work", "e-home")
    for _ in range(3):
        assert await here.react(requested) is None
    assert sorted(recipient for recipient, _ in office.accepted) == [
        "ada@example.com",
        "ada@home.example",
    ]


async def test_i19_a_replay_into_a_fresh_service_sends_nothing(office: PostOffice) -> None:
    here = await scene(office)
    requested = here.requested("e-work", "e-home")
    await here.react(requested)
    before = here.store.all()
    assert await here.react(requested, here.fresh_service(PostOffice([AssertionError()]))) is None
    assert here.store.all() == before


async def test_i19_of_two_replicas_only_one_sends() -> None:
    office = SlowOffice()
    here = await scene(office)
    requested = here.requested()
    waits = await asyncio.gather(*(here.react(requested, here.fresh_service()) for _ in range(4)))
    assert len(office.accepted) == 1
    assert [wait for wait in waits if wait is None] == [None]


@pytest.mark.parametrize(
    ("dead", "reason"), [("revoked", "code_dead"), ("used", "code_dead"), ("expired", "expired")]
)
async def test_i20_a_dead_code_is_not_mailed(office: PostOffice, dead: str, reason: str) -> None:
    here = await scene(office)
    here.code = {"dead": dead}
    assert await here.react(here.requested()) is None
    assert office.connections == 0
    *_, last = here.facts()
    assert isinstance(last, NotificationSuppressed)
    assert last.reason == reason


async def test_while_nobody_says_which_code_it_is_the_mail_waits(office: PostOffice) -> None:
    here = await scene(office)
    requested = here.requested()
    code, here.code = here.code, {}
    assert await here.react(requested) == pytest.approx(0.2)
    here.code = code
    assert await here.react(requested) is None
    assert here.log() == ["Planned", "Attempted", "Sent"]


async def test_i20_once_the_code_has_expired_nobody_is_asked_and_nothing_sent(
    office: PostOffice,
) -> None:
    here = await scene(office)
    requested = here.requested()
    here.now = EXPIRY
    assert await here.react(requested) is None
    assert (here.asked, office.connections) == ([], 0)
    assert here.log() == ["Planned", "Suppressed"]


async def test_an_address_that_was_taken_away_gets_no_mail(office: PostOffice) -> None:
    here = await scene(office)
    assert await here.react(here.requested("e-gone")) is None
    assert here.log() == ["Planned", "Suppressed"]
    assert office.connections == 0


@pytest.mark.parametrize("missing", [CONTACT, DEVICE, ACCOUNT])
async def test_what_the_read_models_have_not_seen_yet_is_waited_for(
    office: PostOffice, missing: object
) -> None:
    here = Scene(office)
    await here.know(*(event for event in KNOWN if event is not missing))
    requested = here.requested()
    assert await here.react(requested) == pytest.approx(0.2)
    here.now += timedelta(minutes=2)
    assert await here.react(requested) == pytest.approx(30)
    await here.know(*(event for event in KNOWN if event is missing))
    assert await here.react(requested) is None
    assert len(office.accepted) == 1


@pytest.mark.parametrize(("asked", "chosen"), [(None, "de"), ("fr", "fr")])
async def test_the_language_is_the_one_asked_for_else_the_contacts(
    office: PostOffice, asked: str | None, chosen: str
) -> None:
    here = await scene(office)
    await here.react(here.requested(language=asked))
    planned = next(here.facts())
    assert isinstance(planned, NotificationPlanned)
    assert planned.language == chosen


@pytest.mark.parametrize(("own", "chosen"), [("es", "es"), (None, "ru")])
async def test_without_a_language_of_the_contact_it_is_the_organizations_else_the_installations(
    office: PostOffice, own: str | None, chosen: str
) -> None:
    here = await scene(office, language="ru")
    await here.know(CONTACT.model_copy(update={"language": None}))
    view = OrganizationView("Harbour Taxis", own)
    await here.remember(ORGANIZATIONS, ORG, view)
    await here.react(here.requested())
    ((_, mail),) = office.accepted
    assert mail["Content-Language"] == chosen


async def test_i19_what_was_asked_for_before_the_log_began_is_never_mailed(
    office: PostOffice,
) -> None:
    here = await scene(office)
    here.now = NOON - timedelta(seconds=1)
    old = here.requested("e-work", "e-home")
    here.now = NOON
    for _ in range(3):
        assert await here.react(old) is None
    assert here.log() == ["Planned", "Suppressed"] * 2
    assert {getattr(fact, "reason", "before_start") for fact in here.facts()} == {"before_start"}
    assert (office.connections, here.asked) == (0, [])


async def test_planning_does_not_wait_for_the_mail_server(office: PostOffice) -> None:
    here = await scene(office)
    office.naming = [MailPutOff("patience")]
    requested = here.requested()
    await here.service.reactions[ActivationRequested](requested)
    assert (here.log(), office.connections) == (["Planned"], 0)


async def test_the_mail_keeps_its_id_when_the_sender_changes_between_two_attempts(
    office: PostOffice,
) -> None:
    here = await scene(office)
    requested = here.requested()
    office.giving = [MailFateUnknown("cut")]
    wait = await here.react(requested)
    here.settings = here.settings.model_copy(update={"mail_from": "phones@other.example"})
    own = Stationery(mail_from="phones@other.example")
    await here.remember(ORGANIZATIONS, ORG, OrganizationView("Harbour Taxis", None, own))
    here.now += timedelta(seconds=wait or 0)
    assert await here.react(requested, here.fresh_service()) is None
    attempted = [one.message_id for one in here.facts() if isinstance(one, NotificationAttempted)]
    assert (len(attempted), len(set(attempted))) == (2, 1)
    assert str(office.accepted[-1][1]["Message-ID"]) == attempted[0]


async def test_a_process_that_died_after_sending_sends_once_more_as_the_same_mail(
    office: PostOffice,
) -> None:
    here = await scene(office)
    requested = here.requested()
    office.giving = [Killed()]
    with pytest.raises(Killed):
        await here.react(requested)
    assert await here.react(requested) == pytest.approx(here.settings.attempt_seconds)
    await here.settle(requested)
    assert here.log() == ["Planned", "Attempted", "Uncertain", "Attempted", "Sent"]
    first, second = (mail["Message-ID"] for _, mail in office.accepted)
    assert first == second


async def test_after_a_second_death_the_mail_is_left_for_people_to_see(office: PostOffice) -> None:
    here = await scene(office)
    requested = here.requested()
    office.giving = [Killed(), Killed()]
    for _ in range(2):
        with pytest.raises(Killed):
            await here.settle(requested)
    await here.settle(requested)
    assert here.log() == ["Planned", "Attempted", "Uncertain", "Attempted", "Uncertain"]
    assert await here.react(requested) is None
    assert len(office.accepted) == 2


async def test_a_mail_server_that_refuses_us_is_waited_for_and_costs_no_attempt(
    office: PostOffice,
) -> None:
    here = await scene(office)
    requested = here.requested()
    office.naming = [MailServerClosed("it wants us to sign in (530)")] * 3
    assert await here.settle(requested) == [here.settings.hold_seconds] * 3
    assert here.log() == ["Planned", "Attempted", "Sent"]


async def test_a_deferred_mail_is_tried_later_and_later_then_given_up(office: PostOffice) -> None:
    here = await scene(office, most_attempts=6)
    office.naming = [MailPutOff("patience", 450)] * 6
    pauses = await here.settle(here.requested())
    expected = [60, 300, 900, 3600, 3600]
    assert all(0.8 * e <= p <= 1.2 * e for p, e in zip(pauses, expected, strict=True))
    *_, last = here.facts()
    assert isinstance(last, NotificationFailed)
    assert (last.attempt, last.code) == (6, 450)


async def test_a_deferred_mail_delivered_too_early_leaves_the_mail_server_alone(
    office: PostOffice,
) -> None:
    here = await scene(office)
    requested = here.requested()
    office.naming = [MailPutOff("patience")]
    pause = await here.react(requested)
    assert pause is not None
    here.now += timedelta(seconds=10)
    assert await here.react(requested) == pytest.approx(pause - 10)
    assert office.connections == 1


async def test_trouble_with_one_address_does_not_keep_the_mail_from_another() -> None:
    office = SlowOffice()
    here = await scene(office)
    office.naming = [MailPutOff("patience"), None]
    requested = here.requested("e-work", "e-home")
    assert await here.react(requested) is not None
    assert [recipient for recipient, _ in office.accepted] == ["ada@home.example"]
    await here.settle(requested)
    assert len(office.accepted) == 2


async def test_a_refused_mail_fails_for_good(office: PostOffice) -> None:
    here = await scene(office)
    requested = here.requested()
    office.giving = [MailRefused(554)]
    assert await here.react(requested) is None
    assert here.log() == ["Planned", "Attempted", "Failed"]
    assert await here.react(requested) is None
    assert office.connections == 1


async def test_a_mail_that_is_out_is_recorded_even_when_the_log_is_away_for_a_moment(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await scene(office)
    append = here.store.append

    async def shaky(changes: Sequence[Change], claims: Sequence[ClaimChange] = ()) -> Position:
        if office.accepted and not outages:
            outages.append("here")
            raise StoreUnavailable("away")
        return await append(changes, claims)

    outages: list[str] = []
    monkeypatch.setattr(here.store, "append", shaky)
    assert await here.react(here.requested()) is None
    assert outages
    assert here.log() == ["Planned", "Attempted", "Sent"]


async def test_events_name_nobody_and_hold_no_code(office: PostOffice) -> None:
    here = await scene(office)
    office.naming = [MailPutOff("patience")]
    await here.settle(here.requested("e-work", "e-home"))
    log = "".join(one.envelope.model_dump_json() for one in here.store.all())
    for secret in ("example.com/", "ada@", "Ada", "Lovelace", "Harbour", "Reception", CODE):
        assert secret not in log


troubles = st.sampled_from(
    [None, MailPutOff("patience"), MailServerClosed("closed"), MailRefused(550)]
)
ends = st.sampled_from([None, MailPutOff("patience"), MailFateUnknown("cut"), Killed()])


@examples(max_examples=25, deadline=None)
@given(naming=st.lists(troubles, max_size=8), giving=st.lists(ends, max_size=8))
def test_i19_whatever_happens_it_ends_and_at_most_two_copies_are_out(
    naming: list[BaseException | None], giving: list[BaseException | None]
) -> None:
    asyncio.run(_lives_through(PostOffice(list(naming), list(giving))))


async def _lives_through(office: PostOffice) -> None:
    here = await scene(office)
    requested = here.requested()
    for _ in range(10):
        try:
            pauses = await here.settle(requested)
        except Killed:
            continue
        assert all(pause >= 0.2 for pause in pauses)
        break
    mails: list[EmailMessage] = [mail for _, mail in office.accepted]
    assert len(mails) <= 2
    assert len({mail["Message-ID"] for mail in mails}) <= 1
    assert here.log()[-1] in ("Sent", "Failed", "Uncertain", "Suppressed")

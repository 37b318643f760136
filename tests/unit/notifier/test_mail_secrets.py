"""I21 for whatever secrets look like: what the mail says never depends on them."""

import asyncio
from email.message import EmailMessage

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.provisioning import SipAccountAdded, SipAccountChanged
from services.notifier.qr_picture import qr_picture
from tests.unit.notifier.scene import ACCOUNT, CODE, KNOWN, PostOffice, Scene

words = st.text(st.characters(codec="ascii", categories=("Lu", "Ll", "Nd")), min_size=6)
secrets = words.map(lambda word: f"zq{word}")


async def _mailed(account: SipAccountAdded, change: SipAccountChanged) -> EmailMessage:
    office = PostOffice()
    here = Scene(office)
    await here.know(*(one for one in KNOWN if one is not ACCOUNT), account, change)
    await here.react(here.requested())
    ((_, mail),) = office.accepted
    return mail


def _added(username: str, authorization: str) -> SipAccountAdded:
    return ACCOUNT.model_copy(
        update={"username": username, "authorization_username": authorization}
    )


def _changed(account: SipAccountAdded) -> SipAccountChanged:
    fields = account.model_dump()
    known = {name: fields[name] for name in SipAccountChanged.model_fields if name in fields}
    return SipAccountChanged.model_validate(known)


@settings(max_examples=15, deadline=None)
@given(username=secrets, authorization=secrets)
def test_i21_no_part_and_no_header_of_a_mail_holds_a_sip_user_name(
    username: str, authorization: str
) -> None:
    account = _added(username, authorization)
    mail = asyncio.run(_mailed(account, _changed(account)))
    contents = [part.get_content() for part in mail.walk() if not part.is_multipart()]
    texts = [one for one in contents if isinstance(one, str)]
    (picture,) = [one for one in contents if isinstance(one, bytes)]
    everything = "\n".join([*texts, *map(str, mail.items())])
    assert "Reception" in everything
    assert username not in everything
    assert authorization not in everything
    assert picture == qr_picture(f"https://phones.example.com/p/{CODE}").png

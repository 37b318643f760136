"""SIP accounts to choose from: those whose name begins so, and those that are chosen already."""

from collections.abc import Sequence

import msgspec

from services.portal.calls import PROVISIONING
from services.portal.resources import Listed
from services.portal.resources.provisioning import SipAccount
from services.portal.visits import Visit

MOST_CHOICES = 50
"""So many are offered at once; others are found by the beginning of their name."""


async def found_accounts(visit: Visit, beginning: str, chosen: Sequence[str]) -> Listed[SipAccount]:
    """The chosen ones first: what is typed into the search takes none of them away."""
    found = await visit.get(
        PROVISIONING, "sip-accounts", Listed[SipAccount], q=beginning, limit=MOST_CHOICES
    )
    offered = {one.id: one for one in found.items}
    for one in chosen:
        if one not in offered:
            offered[one] = await visit.get(PROVISIONING, f"sip-accounts/{one}", SipAccount)
    first = [offered.pop(one) for one in dict.fromkeys(chosen)]
    return msgspec.structs.replace(found, items=(*first, *offered.values()))

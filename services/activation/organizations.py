"""What each organization has chosen for its codes: a fold of sessions' log."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from operator import attrgetter

from chassis.event_store import Recorded
from chassis.projection import Projection
from chassis.read_models import ReadModel, ReadModelStore
from schemas.sessions import OrganizationChanged, OrganizationRegistered

SHORTEST, LONGEST = timedelta(minutes=10), timedelta(days=90)

OrganizationFacts = (OrganizationRegistered, OrganizationChanged)


@dataclass(frozen=True)
class OrganizationView:
    """How long codes are good (None: as the installation says), and where to get the app."""

    id: str
    code_lifetime_minutes: int | None = None
    download_links: dict[str, str] = field(default_factory=dict)


def project_organization(
    view: OrganizationView | None, recorded: Recorded
) -> OrganizationView | None:
    """Fold an organization's facts."""
    match recorded.event:
        case OrganizationRegistered(organization_id=one):
            return OrganizationView(one)
        case OrganizationChanged(code_lifetime_minutes=minutes, download_links=links):
            return view and replace(
                view,
                code_lifetime_minutes=minutes,
                download_links={platform: str(link) for platform, link in links.items()},
            )
    return view


ORGANIZATIONS = ReadModel("organizations_v1", OrganizationView)

organization_projection = Projection(
    ORGANIZATIONS,
    dict.fromkeys(OrganizationFacts, attrgetter("organization_id")),
    project_organization,
)


@dataclass(frozen=True)
class Lifetimes:
    """How long codes are good: what the organization chose, within limits, else `default`."""

    read_models: ReadModelStore
    default: timedelta

    async def of(self, organization: str) -> timedelta:
        """The life of a code that is issued now. Raises `ReadModelsUnavailable`."""
        view = await self.read_models.get(ORGANIZATIONS, organization, organization)
        if view is None or view.code_lifetime_minutes is None:
            return self.default
        return min(max(timedelta(minutes=view.code_lifetime_minutes), SHORTEST), LONGEST)

"""The organization: what mails say, how long codes live, and how people sign in."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.di import NamedDependency

from chassis.wording import LANGUAGES
from services.portal.answers import Page, go, page
from services.portal.calls import SESSIONS
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.guards import administrators
from services.portal.resources import values
from services.portal.resources.sessions import Organization, SignInPolicy
from services.portal.visits import Visit

FIELDS = ("name", "help_contact", "mail_from", "code_lifetime_minutes", "language")
POLICY_FIELDS = ("default_domain", "grace_seconds", "second_sign_in", "max_session_hours")
SPARE_LINKS = 1

AnyRequest = Request[Any, Any, Any]


class OrganizationController(Controller):
    """Settings of the organization."""

    guards = (administrators,)

    @get("/organization")
    async def ask(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """The form with what the organization is now."""
        here = await visit.get(SESSIONS, "organization", Organization)
        links = {
            f"links.{place}.{part}": text
            for place, pair in enumerate(sorted(here.download_links.items()))
            for part, text in zip(("platform", "link"), pair, strict=True)
        }
        form = Form(values={**values(here), "domains": "\n".join(here.domains), **links})
        return _organization(visit, form, here)

    @post("/organization")
    async def change(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        """Change the organization."""
        form = await Form.of(request)
        here = await visit.get(SESSIONS, "organization", Organization)
        if form.chosen("_more"):
            return _organization(visit, form, here, more=1)
        links = {row.get("platform", ""): row.get("link", "") for row in form.group("links")}
        body = {
            **form.body(*FIELDS, empty=True),
            "domains": form.text("domains").split(),
            "download_links": links,
        }
        try:
            await visit.tell("PATCH", SESSIONS, "organization", body, once=form.once)
        except Declined as declined:
            return _organization(visit, form.wrong(declined), here, status=declined.status)
        return go(visit, "/organization", visit.say("The settings are saved."))

    @get("/sign-in-policy")
    async def ask_policy(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """The form with how people sign in."""
        policy = await visit.get(SESSIONS, "sign-in-policy", SignInPolicy)
        return await _policy(visit, Form(values=values(policy)))

    @post("/sign-in-policy")
    async def set_policy(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        """Choose how people sign in from now on."""
        form = await Form.of(request)
        body = form.body(*POLICY_FIELDS, ticks=("users_may_set_domain",))
        body["languages"] = form.many("languages")
        try:
            await visit.tell("PUT", SESSIONS, "sign-in-policy", body, once=form.once)
        except Declined as declined:
            return await _policy(visit, form.wrong(declined), status=declined.status)
        return go(visit, "/sign-in-policy", visit.say("The sign-in policy is saved."))


def _organization(
    visit: Visit, form: Form, here: Organization, *, status: int = 200, more: int = 0
) -> Page:
    rows = max(form.rows("links") + more, SPARE_LINKS)
    return page(visit, "organization.html.j2", status=status, form=form, here=here, rows=rows)


async def _policy(visit: Visit, form: Form, *, status: int = 200) -> Page:
    here = await visit.get(SESSIONS, "organization", Organization)
    return page(visit, "policy.html.j2", status=status, form=form, here=here, offered=LANGUAGES)

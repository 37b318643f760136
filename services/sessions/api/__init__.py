"""HTTP: one route per command, one per question. The rules live in `domain`."""

from services.sessions.api.organizations import OrganizationController
from services.sessions.api.session import SessionController
from services.sessions.api.sign_in import SignInController

controllers = (OrganizationController, SignInController, SessionController)

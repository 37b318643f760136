"""HTTP: one route per command, one per question. The rules live in `domain`."""

from services.sessions.api.desks import DeskController
from services.sessions.api.guests import GuestsController
from services.sessions.api.history import HistoryController
from services.sessions.api.organizations import OrganizationController
from services.sessions.api.passwords import PasswordController
from services.sessions.api.policy import PolicyController
from services.sessions.api.session import SessionController
from services.sessions.api.sessions import SessionsController
from services.sessions.api.sign_in import SignInController
from services.sessions.api.users import UserController

controllers = (
    OrganizationController,
    PolicyController,
    UserController,
    PasswordController,
    DeskController,
    SignInController,
    SessionController,
    SessionsController,
    HistoryController,
    GuestsController,
)

"""The pages: one module per subject, each with its controller."""

from services.portal.files import FilesController
from services.portal.pages.home import HomeController
from services.portal.pages.providers import ProvidersController
from services.portal.pages.registration import RegistrationController
from services.portal.pages.session import SessionController
from services.portal.pages.sign_in import SignInController
from services.portal.pages.welcome import WelcomeController

controllers = (
    WelcomeController,
    FilesController,
    SignInController,
    RegistrationController,
    SessionController,
    HomeController,
    ProvidersController,
)

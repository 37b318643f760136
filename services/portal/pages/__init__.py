"""The pages: one module per subject, each with its controller."""

from services.portal.files import FilesController
from services.portal.pages.board import BoardController
from services.portal.pages.choosing import ChoosingController
from services.portal.pages.contacts import ContactsController
from services.portal.pages.desks import DesksController
from services.portal.pages.device import DeviceController
from services.portal.pages.device_form import DeviceFormController
from services.portal.pages.devices import DevicesController
from services.portal.pages.floor import FloorController
from services.portal.pages.history_of_device import DeviceHistoryController
from services.portal.pages.home import HomeController
from services.portal.pages.imports import ImportsController
from services.portal.pages.language import LanguageController
from services.portal.pages.live_session import LiveSessionController
from services.portal.pages.my_session import MySessionController
from services.portal.pages.organization import OrganizationController
from services.portal.pages.past_sessions import PastSessionsController
from services.portal.pages.providers import ProvidersController
from services.portal.pages.registration import RegistrationController
from services.portal.pages.seat_hours import SeatHoursController
from services.portal.pages.session import SessionController
from services.portal.pages.sign_in import SignInController
from services.portal.pages.sip_accounts import SipAccountsController
from services.portal.pages.users import PasswordController, UsersController
from services.portal.pages.welcome import WelcomeController

controllers = (
    WelcomeController,
    FilesController,
    SignInController,
    RegistrationController,
    SessionController,
    HomeController,
    ChoosingController,
    ProvidersController,
    ContactsController,
    DeviceController,
    DeviceFormController,
    DevicesController,
    SipAccountsController,
    DeviceHistoryController,
    ImportsController,
    UsersController,
    PasswordController,
    LanguageController,
    DesksController,
    OrganizationController,
    MySessionController,
    FloorController,
    BoardController,
    LiveSessionController,
    PastSessionsController,
    SeatHoursController,
)

"""HTTP: one route per command, one per question. The rules live in `domain`."""

from services.activation.api.activations import ActivationController
from services.activation.api.configuration import ConfigurationController
from services.activation.api.exchange import ExchangeController
from services.activation.api.instructions import InstructionsController
from services.activation.api.past import PastController
from services.activation.api.trail import TrailController

controllers = (
    ActivationController,
    InstructionsController,
    TrailController,
    ExchangeController,
    ConfigurationController,
    PastController,
)

"""Failures whose text tells a person what to do: shown without a traceback."""

from chassis.event_store import BrokenHistory, StoreUnavailable
from chassis.key_files import WrongKeyFile
from chassis.nats_process import NatsServerFailed
from chassis.nkeys import SeedMissing
from chassis.read_models import Outdated, ReadModelsUnavailable
from chassis.server import CannotListen, StartFailed
from chassis.settings import WrongSettings
from chassis.setup import JetStreamSilent, SetupRefused
from switchboard.demo.client import Refusal, Unreachable
from switchboard.demo.people import UnusableFile

EXPECTED = (
    BrokenHistory,
    CannotListen,
    JetStreamSilent,
    NatsServerFailed,
    Outdated,
    ReadModelsUnavailable,
    SeedMissing,
    Refusal,
    SetupRefused,
    StartFailed,
    StoreUnavailable,
    Unreachable,
    UnusableFile,
    WrongKeyFile,
    WrongSettings,
)

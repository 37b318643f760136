"""Failures whose text tells a person what to do: shown without a traceback."""

from chassis.event_store import BrokenHistory, StoreUnavailable
from chassis.jetstream.nats_process import NatsServerFailed
from chassis.jetstream.nkeys import SeedMissing
from chassis.jetstream.setup import JetStreamSilent, SetupRefused
from chassis.key_files import WrongKeyFile
from chassis.read_models import Outdated, ReadModelsUnavailable
from chassis.settings import WrongSettings
from chassis.web.server import CannotListen, StartFailed
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

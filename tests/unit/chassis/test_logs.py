"""One way of logging: JSON lines with their context, and never a secret in them."""

import asyncio
import io
import json
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
import structlog
from pydantic import BaseModel, Field, SecretStr, ValidationError
from structlog.contextvars import bound_contextvars

from chassis import tracing
from chassis.observing import logs
from chassis.observing.redaction import REDACTED, redacted, without_secrets
from chassis.testing.http import HttpFakes
from chassis.testing.tokens import ADMINISTRATOR
from tests.unit.chassis.demo import demo

PASSWORD = "hunter2-planted"
CODE = "BCDF-GHJK-LMNP"
DEVICE_TOKEN = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF"
JWT = "eyJhbGciOiJFZDI1NTE5In0.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"
PLANTED = (PASSWORD, CODE, CODE.replace("-", ""), DEVICE_TOKEN, JWT, "c2lnbmF0dXJl")


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.fixture(params=[False, True], ids=["json", "pretty"])
def output(request: pytest.FixtureRequest) -> io.StringIO:
    stream = io.StringIO()
    logs.configure("DEBUG", pretty=request.param, stream=stream)
    return stream


@pytest.fixture
def lines() -> "Lines":
    return Lines()


class Lines:
    """The JSON lines written so far."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        logs.configure("DEBUG", pretty=False, stream=self.stream)
        (self.handler,) = logging.getLogger().handlers

    @property
    def last(self) -> dict[str, Any]:
        line: dict[str, Any] = json.loads(self.stream.getvalue().splitlines()[-1])
        return line


def test_a_line_is_json_with_time_level_logger_and_context(lines: Lines) -> None:
    with bound_contextvars(service="demo"):
        structlog.get_logger("somewhere").info("desk_taken", desk_id="d1", seats=2)
    line = lines.last
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "desk_taken",
        "level": "info",
        "logger": "somewhere",
        "service": "demo",
        "desk_id": "d1",
        "seats": 2,
    }


def test_lines_of_libraries_look_the_same(lines: Lines) -> None:
    logging.getLogger("uvicorn.error").warning("Waiting for %s", "connections")
    line = lines.last
    assert (line["event"], line["level"]) == ("Waiting for connections", "warning")
    assert "timestamp" in line


def test_warnings_are_lines_as_well(lines: Lines) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        # pytest records warnings itself; this is how the logging module hears of them.
        logging.captureWarnings(True)
        warnings.showwarning("look out", UserWarning, "file.py", 1)
    assert "look out" in lines.last["event"]


def test_a_line_names_its_trace(lines: Lines) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    with tracing.attached(f"00-{trace}-b7ad6b7169203331-01", "anything"):
        structlog.get_logger().info("desk_taken")
    assert lines.last["trace_id"] == trace
    assert lines.last["span_id"] == "b7ad6b7169203331"


def test_an_exception_tells_kind_places_and_causes(lines: Lines) -> None:
    try:
        try:
            raise KeyError("inner")
        except KeyError as inner:
            raise RuntimeError("outer") from inner
    except RuntimeError:
        structlog.get_logger().exception("failed")
    outer, inner_link = lines.last["exception"]
    assert (outer["kind"], outer["text"]) == ("RuntimeError", "outer")
    assert inner_link["kind"] == "KeyError"
    assert outer["frames"][0].endswith("test_an_exception_tells_kind_places_and_causes")


def test_pretty_lines_are_for_people(output: io.StringIO) -> None:
    structlog.get_logger().info("desk_taken", desk_id="d1")
    assert "desk_taken" in output.getvalue()
    assert "d1" in output.getvalue()


@dataclass(frozen=True)
class SignIn:
    """A command with a secret in it."""

    user: str
    password: str


class Body(BaseModel):
    """A request body with a secret in it, and no care taken."""

    password: Annotated[str, Field(max_length=3)]


def log_values() -> None:
    log = structlog.get_logger()
    log.info("by_key", password=PASSWORD, refresh_token=DEVICE_TOKEN, activation_code=CODE)
    log.info("nested", request={"body": PASSWORD, "inner": [{"apiKey": PASSWORD}]})
    log.info("headers", headers={"authorization": f"Bearer {JWT}"}, authorization=JWT)
    log.info("by_pattern", note=f"Bearer {JWT} and {CODE} and {DEVICE_TOKEN}", path=f"/p/{CODE}")
    log.info(
        "objects", command=SignIn("ada", PASSWORD), model=Body.model_construct(password=PASSWORD)
    )
    log.info("wrapped", value=SecretStr(PASSWORD), raw=PASSWORD.encode())
    log.info(f"in the text: password={PASSWORD} code: {CODE}")
    log.info("in a key", values={JWT: 1})
    with bound_contextvars(token=DEVICE_TOKEN):
        log.info("in the context")


def log_library_lines() -> None:
    log = logging.getLogger("library")
    log.warning("GET /c/%s with Authorization: Bearer %s", DEVICE_TOKEN, JWT)
    log.warning('{"password": "%s", "code": "%s"}', PASSWORD, CODE)
    log.warning("nats://switchboard:%s@broker:4222 and extra", PASSWORD)
    log.warning("with extra", extra={"password": PASSWORD})


def log_exceptions() -> None:
    password, token = PASSWORD, DEVICE_TOKEN
    try:
        Body.model_validate({"password": password})
    except ValidationError as error:
        structlog.get_logger().exception("validation", error=error)
        logging.getLogger("library").exception("validation")
    try:
        raise RuntimeError(f"refused token={token} for Bearer {JWT}")
    except RuntimeError:
        structlog.get_logger().exception("failed")
        logging.getLogger("library").exception("failed")
    try:
        try:
            Body.model_validate({"password": password})
        except ValidationError as inner:
            raise ExceptionGroup("several", [inner, ValueError(f"code={CODE}")]) from inner
    except ExceptionGroup:
        structlog.get_logger().exception("group")


async def log_lost_task() -> None:
    async def fail() -> None:
        password = PASSWORD
        Body.model_validate({"password": password})

    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(fail())
    await asyncio.wait([task])
    loop.call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": task.exception()}
    )


async def test_no_planted_secret_comes_out(output: io.StringIO) -> None:
    log_values()
    log_library_lines()
    log_exceptions()
    await log_lost_task()
    written = output.getvalue()
    for line in ("by_key", "nested", "objects", "in the context", "with extra", "group", "never"):
        assert line in written
    for secret in PLANTED:
        assert secret not in written, secret


async def test_no_planted_secret_comes_out_of_a_request(output: io.StringIO) -> None:
    fakes = HttpFakes()
    async with fakes.client(demo) as client:
        headers = {**fakes.tokens.headers(ADMINISTRATOR), "Cookie": PASSWORD}
        body = {"name": "desk", "password": PASSWORD, "more": PASSWORD}
        for _ in range(2):
            await client.post(f"/api/v1/desks?code={CODE}", json=body, headers=headers)
        await client.post("/api/v1/desks", content=PASSWORD, headers=headers)
        await client.get(f"/api/v1/public/fail/code={CODE}", headers=headers)
        await client.get(f"/c/{DEVICE_TOKEN}", headers=headers)
        bearer = headers["Authorization"].removeprefix("Bearer ")
    written = output.getvalue()
    assert "request_failed" in written
    for secret in (*PLANTED, bearer, "hunter2"):
        assert secret not in written, secret


@pytest.mark.parametrize(
    "harmless",
    [
        "5f6ff3a0-7d3c-7c5e-9a9e-0d8f1c2b3a4d",
        "evt.provisioning.acme.device.d1.1.DeviceCreated",
        "status code: 503",
        "provisioning-projector-provisioning",
        "2026-05-03T09:00:00Z",
        "http://127.0.0.1:8080/api/v1/devices",
    ],
)
def test_what_is_no_secret_stays(harmless: str) -> None:
    assert without_secrets(harmless) == harmless


@pytest.mark.parametrize("name", ["status_code", "err_code", "passing", "desk_id", "encoding"])
def test_harmless_names_stay(name: str) -> None:
    assert redacted("value", name) == "value"


@pytest.mark.parametrize(
    "name", ["password", "smtpPassword", "refresh_token", "code", "CODE", "Cookie"]
)
def test_secret_names_do_not(name: str) -> None:
    assert redacted("value", name) == REDACTED


def test_a_structure_that_contains_itself_is_cut() -> None:
    endless: dict[str, Any] = {}
    endless["again"] = endless
    assert "…" in str(redacted(endless))


def test_a_line_that_cannot_be_written_is_reported_without_its_content(lines: Lines) -> None:
    record = logging.LogRecord("somewhere", logging.INFO, "x.py", 1, "%d", (PASSWORD,), None)
    lines.handler.handle(record)
    assert lines.stream.getvalue() == "A log line of somewhere could not be written.\n"


def test_half_characters_do_not_lose_a_line(lines: Lines) -> None:
    structlog.get_logger().info("name", name="\ud800")
    assert lines.last["name"] == "\\ud800"

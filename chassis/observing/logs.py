"""The one logging configuration: JSON lines or, on a terminal, text. Redaction comes last."""

import logging
import sys
from typing import Any, TextIO

import msgspec
import structlog
from structlog.dev import ConsoleRenderer
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor

from chassis.observing.redaction import redacted
from chassis.observing.tracebacks import described
from chassis.tracing import trace_ids

_QUIET = ("httpx", "httpcore", "uvicorn", "aiosmtplib", "mail.log", "faststream", "faker")
"""Loggers that say a line for every request, or every step of a start, and nothing else."""


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        # The inherited way prints the line as it was before redaction.
        self.stream.write(f"A log line of {record.name} could not be written.\n")


def configure(
    level: str = "INFO", *, pretty: bool | None = None, stream: TextIO | None = None
) -> None:
    """Send every log line of this process, also those of libraries, to one stream.

    `pretty` is text for people instead of JSON; unless said otherwise, when `stream` (standard
    error) is a terminal.
    """
    target = stream or sys.stderr
    for_people = target.isatty() if pretty is None else pretty
    structlog.configure(
        processors=[*_common(), ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _Handler(target)
    handler.setFormatter(_formatter(for_people))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)


def _common() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_trace_ids,
    ]


def _formatter(for_people: bool) -> ProcessorFormatter:
    renderers: list[Processor] = [_as_json]
    if for_people:
        renderers = [_exception_as_text, ConsoleRenderer(colors=False)]
    return ProcessorFormatter(
        foreign_pre_chain=_common(),
        processors=[
            ProcessorFormatter.remove_processors_meta,
            _with_exception,
            _redact,
            *renderers,
        ],
    )


def _with_trace_ids(_logger: Any, _method: str, line: EventDict) -> EventDict:
    line.update(trace_ids())
    return line


def _with_exception(_logger: Any, _method: str, line: EventDict) -> EventDict:
    information = line.pop("exc_info", None)
    error = information[1] if isinstance(information, tuple) else information
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        line["exception"] = described(error)
    return line


def _redact(_logger: Any, _method: str, line: EventDict) -> EventDict:
    return {name: redacted(value, name) for name, value in line.items()}


def _as_json(_logger: Any, _method: str, line: EventDict) -> str:
    return msgspec.json.encode(line).decode()


def _exception_as_text(_logger: Any, _method: str, line: EventDict) -> EventDict:
    if chain := line.get("exception"):
        parts = [[f"{link['kind']}: {link['text']}", *link["frames"]] for link in chain]
        line["exception"] = "\nafter ".join("\n  ".join(part) for part in parts)
    return line

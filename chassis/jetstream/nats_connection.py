"""Connects a service to NATS as its own user: for ever, and never silently dead."""

import os
import random
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog
from nats.aio.client import Client, Server
from nats.aio.msg import Msg
from nats.js.client import JetStreamContext

EXIT_CODE = 70
"""EX_SOFTWARE: the connection was closed for good, the supervisor shall start us anew."""

CA_VARIABLE = "SWITCHBOARD_NATS_CA"
FLUSH_SECONDS = 10
REQUEST_SECONDS = 15.0

_log = structlog.get_logger(__name__)


class Connection(Client):
    """A NATS client that counts refused permissions and knows whether it is closed on purpose."""

    def __init__(self, name: str, exit_process: Callable[[int], object]) -> None:
        super().__init__()
        self.name = name
        self.permission_violations = 0
        self.closing = False
        self._exit_process = exit_process

    async def close(self) -> None:
        """Close on purpose."""
        self.closing = True
        await super().close()

    async def flush(self, timeout: int = FLUSH_SECONDS) -> None:  # noqa: ASYNC109 - as in nats-py
        """Wait until the server has taken all that was said so far. Raises `FlushTimeoutError`."""
        # nats-py writes its ping past what is still to be sent, a new subscription for example:
        # the first pong only says that the rest has left, the second that it has arrived.
        await super().flush(timeout)
        await super().flush(timeout)

    async def request(
        self,
        subject: str,
        payload: bytes = b"",
        timeout: float = REQUEST_SECONDS,  # noqa: ASYNC109 - as in nats-py
        old_style: bool = False,
        headers: dict[str, Any] | None = None,
    ) -> Msg:
        """Ask and wait for the answer; in nats-py half a second, which a slow disk uses up.

        Raises `nats.errors.TimeoutError`, `NoRespondersError`.
        """
        return await super().request(subject, payload, timeout, old_style, headers)

    def jetstream(self, **options: Any) -> JetStreamContext:
        """A context that waits as long for each answer, unless `timeout` says otherwise."""
        return super().jetstream(**{"timeout": REQUEST_SECONDS, **options})

    async def drain(self) -> None:
        """Finish what has been received, then close on purpose."""
        self.closing = True
        await super().drain()

    async def on_error(self, error: Exception) -> None:
        """Count what the server refuses: readiness reports it."""
        if "permissions violation" in str(error).lower():
            self.permission_violations += 1
        _log.warning("nats_error", user=self.name, error=f"{type(error).__name__}: {error}")

    async def on_closed(self) -> None:
        """Leave the process: a client that was closed never reconnects, and nobody would notice."""
        if self.closing:
            return
        _log.critical("nats_connection_closed", user=self.name, error=str(self.last_error))
        self._exit_process(EXIT_CODE)


async def connect(
    url: str,
    service: str,
    seed: Path | str,
    *,
    exit_process: Callable[[int], object] = os._exit,
    environment: Mapping[str, str] = os.environ,
) -> Connection:
    """Connect as the service (or `setup`, `ops`) with its nkey seed, given as file or as text.

    Comes back when connected, however long that takes. Errors on the way are logged. A server
    whose certificate is of an authority of one's own is trusted by SWITCHBOARD_NATS_CA.
    """
    nc = Connection(service, exit_process)
    await nc.connect(
        servers=url.split(","),
        name=service,
        nkeys_seed=str(seed) if isinstance(seed, Path) else None,
        nkeys_seed_str=None if isinstance(seed, Path) else seed,
        inbox_prefix=f"_INBOX_{service}",
        error_cb=nc.on_error,
        closed_cb=nc.on_closed,
        tls=_trust(environment.get(CA_VARIABLE)),
        max_reconnect_attempts=-1,
        reconnect_to_server_handler=any_server_soon,
        ping_interval=10,
        max_outstanding_pings=2,
    )
    return nc


def _trust(authorities: str | None) -> ssl.SSLContext | None:
    return ssl.create_default_context(cafile=authorities) if authorities else None


def any_server_soon(servers: list[Server], _info: dict[str, Any]) -> tuple[Server, float]:
    """Which server to try next, and after how many seconds."""
    # Jitter: after an outage a hundred replicas must not come back in the same instant.
    delay = random.uniform(0.1, 2.0)  # noqa: S311 - no secret
    return random.choice(servers), delay  # noqa: S311 - no secret

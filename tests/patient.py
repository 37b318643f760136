"""HTTP with patience: a busy machine takes its time, and waiting costs nothing if all is well."""

from typing import Any

import httpx

from chassis.testing.eventually import PATIENCE_SECONDS


def http_to(url: str = "", **options: Any) -> httpx.AsyncClient:
    """A client of what listens there, which gives it up after a minute."""
    return httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS, **options)

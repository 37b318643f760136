"""A bare Litestar route that opens a sealed password and answers with it: no rules, no log."""

import sys
from pathlib import Path
from typing import Any

import uvicorn
from litestar import Litestar, post
from litestar.datastructures import State
from litestar.params import JSONBody

from chassis.sealing import Opener, Sealer, create_sealing_keys, secret_context

CONTEXT = secret_context("acme", "secret", 1)


@post("/api/v1/activate", status_code=200)
async def activate(data: JSONBody[dict[str, Any]], state: State) -> dict[str, Any]:
    """The same work that no exchange can do without: one HPKE open."""
    password = state.opener.open(state.sealed, CONTEXT)
    account = {"slot": 1, "enabled": True, "username": "1001", "password": password}
    return {"device_token": data["code"], "configuration": {"accounts": [account]}}


def app(folder: Path) -> Litestar:
    """The app, with keys of its own in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    private, public = folder / "private.json", folder / "public.json"
    create_sealing_keys(private, public)
    sealed = Sealer.load(public).seal("correct-horse-battery", CONTEXT)
    state = State({"opener": Opener.load(private), "sealed": sealed})
    return Litestar([activate], state=state, logging_config=None, openapi_config=None)


if __name__ == "__main__":
    place, port = sys.argv[1:]
    uvicorn.run(
        app(Path(place)),
        port=int(port),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )

"""A bare Litestar route that opens a sealed password and answers with it: no rules, no log."""

import sys
from typing import Any

import uvicorn
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from litestar import Litestar, post
from litestar.datastructures import State
from litestar.params import JSONBody

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
CONTEXT = b"acme|secret|1"


@post("/api/v1/activate", status_code=200)
async def activate(data: JSONBody[dict[str, Any]], state: State) -> dict[str, Any]:
    """The same work that no exchange can do without: one HPKE open."""
    password = SUITE.decrypt(state.sealed, state.key, info=CONTEXT).decode()
    account = {"slot": 1, "enabled": True, "username": "1001", "password": password}
    return {"device_token": data["code"], "configuration": {"accounts": [account]}}


def app() -> Litestar:
    """The app, with a key and a sealed password of its own."""
    key = X25519PrivateKey.generate()
    sealed = SUITE.encrypt(b"correct-horse-battery", key.public_key(), info=CONTEXT)
    state = State({"key": key, "sealed": sealed})
    return Litestar([activate], state=state, logging_config=None, openapi_config=None)


if __name__ == "__main__":
    (port,) = sys.argv[1:]
    uvicorn.run(
        app(),
        port=int(port),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )

"""The demo's client goes on for longer than its access token."""

import httpx
import pytest

from switchboard.demo.client import Client, Refusal


class Product:
    """Gives tokens, each good for two requests; knows one password."""

    def __init__(self) -> None:
        self.signed_in = 0
        self.left = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v1/sign-in":
            if b"right" not in request.content:
                return httpx.Response(401, json={"detail": "User id or password is wrong."})
            self.signed_in, self.left = self.signed_in + 1, 2
            return httpx.Response(201, json={"access_token": str(self.signed_in)})
        if request.headers.get("Authorization") != f"Bearer {self.signed_in}" or not self.left:
            return httpx.Response(401, json={"detail": "The access token has expired."})
        self.left -= 1
        return httpx.Response(200, json={})


def client(product: Product) -> Client:
    transport = httpx.MockTransport(product.answer)
    return Client(httpx.AsyncClient(transport=transport, base_url="http://product"))


async def test_when_its_token_is_over_it_signs_in_again_and_goes_on() -> None:
    product = Product()
    caller = client(product)
    await caller.sign_in("ada@demo.example", "right")
    for _ in range(5):
        await caller.read("/api/v1/contacts")
    assert product.signed_in == 3


async def test_a_wrong_password_is_tried_once() -> None:
    with pytest.raises(Refusal, match="wrong"):
        await client(Product()).sign_in("ada@demo.example", "left")


async def test_who_never_signed_in_is_refused() -> None:
    with pytest.raises(Refusal, match="expired"):
        await client(Product()).read("/api/v1/contacts")

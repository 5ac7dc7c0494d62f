"""The web's pages: an address that no file can have is not found, and is no error of ours."""

import httpx
import pytest
from fastapi import FastAPI

from tiantou import web_http
from tiantou.core.http_errors import install


@pytest.mark.parametrize(
    "path", ["/assets/%00", "/assets/" + "a" * 5000, "/assets/..%2f..%2f..%2f..%2fetc/passwd"]
)
async def test_odd_addresses_are_not_found(path: str) -> None:
    app = FastAPI()
    install(app)
    web_http.install(app)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get(path)).status_code == 404

"""The peer's way of asking who may come in: a small Python program that nginx asks about every request."""

import hashlib
import hmac

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

KEY = b"key-of-the-benchmark-0123456789abcdef"
COOKIE = "mine"


def seal(text: bytes) -> bytes:
    return hmac.digest(KEY, text, hashlib.sha256)


async def check(request: Request) -> Response:
    """One signature, and no look at anything else."""
    text, _, given = request.cookies.get(COOKIE, "").partition(".")
    good = hmac.compare_digest(seal(text.encode()).hex(), given)
    return Response(status_code=204 if good else 401)


app = Starlette(routes=[Route("/check", check)])

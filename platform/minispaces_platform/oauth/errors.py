"""Refusals as the protocol writes them (RFC 6749 4.1.2.1 and 5.2, RFC 8628 3.5)."""

from minispaces_platform.errors import MinispacesError


class OAuthError(MinispacesError):
    """For programs: an error word and a sentence. `back` is where a browser takes it, if there is such a place."""

    def __init__(self, word: str, message: str, *, back: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.code = word
        self.back = back
        self.status = status


class BadClientError(MinispacesError):
    """For people: a client or an address that is not to be trusted is never redirected to."""

    code = "bad_client"

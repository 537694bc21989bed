"""What may go wrong on purpose: an error carries its status, words for people, and what to do next."""


class MinispacesError(Exception):
    """Raised where the rule stands, rendered once at the edge (HTML, JSON or plain text, as the client accepts)."""

    status = 400
    code = "bad_request"
    retry_after: int | None = None
    """Seconds after which it is worth asking again."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotFoundError(MinispacesError):
    status = 404
    code = "not_found"


class ForbiddenError(MinispacesError):
    status = 403
    code = "forbidden"


class SignInNeededError(MinispacesError):
    status = 401
    code = "sign_in_needed"


class ConflictError(MinispacesError):
    status = 409
    code = "conflict"


class InvalidError(MinispacesError):
    status = 422
    code = "invalid"


class StorageFullError(MinispacesError):
    status = 507
    code = "storage_full"
    retry_after = 60


class AwayError(MinispacesError):
    """A part that this needs does not answer; nothing was changed."""

    status = 503
    code = "unavailable"
    retry_after = 5


class MovedError(MinispacesError):
    """What was asked for has another name now; `location` is a path of the hub."""

    status = 307
    code = "moved"

    def __init__(self, location: str) -> None:
        super().__init__(f"This has moved to {location}.")
        self.location = location

"""How often somebody may try: counted in Redis, which forgets by itself."""

from contextlib import suppress

from redis import RedisError

from minispaces_platform.errors import AwayError, MinispacesError
from minispaces_platform.parts import Parts

WINDOW_SECONDS = 600


class TooManyError(MinispacesError):
    status = 429
    code = "too_many"


def limit_where_counted(parts: Parts, what: str, who: str, *, most: int) -> None:
    """As `limit`; but while nobody can count, nobody is held up."""
    with suppress(AwayError):
        limit(parts, what, who, most=most)


def limit(parts: Parts, what: str, who: str, *, most: int) -> None:
    """Count one try. Raises TooManyError after `most` in ten minutes, AwayError when nobody can count."""
    key = f"tries:{what}:{who}"
    try:
        with parts.redis_sync.pipeline() as pipeline:
            pipeline.set(key, 0, ex=WINDOW_SECONDS, nx=True)
            pipeline.incr(key)
            tries = pipeline.execute()[1]
    except RedisError:
        raise AwayError("This cannot be done right now.", hint="Try again in a minute.") from None
    if tries > most:
        raise TooManyError("That was too often.", hint=f"Try again in {WINDOW_SECONDS // 60} minutes.")

"""The Redis URL in Celery's spelling."""

from urllib.parse import parse_qs, urlsplit


def celery_url(redis_url: str) -> str:
    """redis-py says `unix:///path?db=0` where Celery says `redis+socket:///path?virtual_host=0`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"

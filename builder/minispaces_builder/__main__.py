"""`python -m minispaces_builder`: the worker, in place of this process."""

import os
import sys

from minispaces_builder.settings import BuilderSettings


def worker_argv(settings: BuilderSettings) -> list[str]:
    """One process more than builds, for what happens between them (bytecode, garbage).

    Without gossip, mingle and heartbeats the worker is ready sooner; the leases watch over builds anyway.
    """
    options = ["--loglevel=INFO", "--pool=prefork", f"--concurrency={settings.builds_at_once + 1}", "--queues=builds"]
    options += ["--hostname=builder@%h", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [sys.executable, "-m", "celery", "--app=minispaces_builder.worker:app", "--quiet", "worker", *options]


def main() -> None:
    argv = worker_argv(BuilderSettings())
    os.execv(argv[0], argv)  # noqa: S606  # Celery takes the place of this process


if __name__ == "__main__":
    main()

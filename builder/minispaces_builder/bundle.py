"""The bundle packager: a checkout beside a locked uv environment. Needs nothing but Python."""

import os
import shutil
import subprocess
from pathlib import Path

from minispaces_builder.compile_call import Wanted
from minispaces_builder.environments import Environment, Environments
from minispaces_builder.errors import BuildError
from minispaces_builder.interpreters import Interpreters, announce, asked_version
from minispaces_builder.packager import Job
from minispaces_builder.resolve import Asker, Resolver, explain_date
from minispaces_builder.system_packages import FILE
from minispaces_contract.messages import Artifact
from minispaces_contract.states import ArtifactKind, Sdk, Stage

_PIP_TARGET = "/home/user/.local/python"
"""Where an app's own `pip install` goes, since its environment is shared and read-only."""


class BundlePackager:
    def __init__(self, data: Path, resolver: Resolver) -> None:
        self._data = data
        self._resolver = resolver
        self._environments = Environments(data, resolver.uv)
        self._interpreters = Interpreters(resolver.uv, data / "cache" / "interpreters")

    def package(self, job: Job) -> Artifact:
        if job.plan.sdk is Sdk.DOCKER:
            words = "This repository has `sdk: docker`, which needs a Docker engine, and this Minispaces has none."
            raise BuildError(f"{words} Use another SDK, or ask the administrator.", Stage.CONFIG_ERROR)
        _warn_of_system_packages(job)
        environment = self._environment(job)
        cache = self._resolver.space_cache(job.spec.space_id)
        path = self._environments.obtain(environment, cache=cache, log=job.log, work=job.work)
        return Artifact(
            kind=ArtifactKind.BUNDLE,
            reference=str(self._place(job).relative_to(self._data)),
            sdk=job.plan.sdk,
            port=job.plan.port,
            command=job.plan.command,
            env=bundle_env(job.plan.env),
            environment=str(path.relative_to(self._data)),
            python=environment.python.version,
            size_bytes=job.checkout.size_bytes,
        )

    def _environment(self, job: Job) -> Environment:
        config, log, work = job.spec.config, job.log, job.work
        asked = asked_version(config.python_version)
        python = self._interpreters.choose(job.plan.package, config.sdk_version, asked=asked, work=work)
        announce(log, asked, python.version)
        as_of = config.dependencies_as_of
        wanted = Wanted(job.plan.package, config.sdk_version, job.requirements, python, as_of)
        lock = self._resolver.resolve(wanted, Asker(job.spec.space_id, log, work))
        if explanation := explain_date(lock, wanted):
            log.line(explanation)
        owner = job.spec.space_id if lock.builds_code else ""
        return Environment(python, lock, program=job.plan.sdk is Sdk.STATIC, owner=owner)

    def _place(self, job: Job) -> Path:
        """Move the checkout to where the runner expects it: DATA/bundles/SPACE/BUILD/app."""
        bundle = self._data / "bundles" / job.spec.space_id / job.spec.build_id
        shutil.rmtree(bundle, ignore_errors=True)
        bundle.mkdir(parents=True)
        os.rename(job.checkout.root, bundle / "app")  # noqa: PTH104  # atomic, on the same file system
        return bundle


def bundle_env(env: dict[str, str]) -> dict[str, str]:
    if "PYTHONPATH" not in env:
        return env
    return env | {"PYTHONPATH": f"{env['PYTHONPATH']}:{_PIP_TARGET}", "PIP_TARGET": _PIP_TARGET}


def _warn_of_system_packages(job: Job) -> None:
    if not job.system_packages:
        return
    there = installed(job.system_packages)
    missing = [name for name in job.system_packages if name not in there]
    if there:
        job.log.line(f"{FILE}: already on this machine: {', '.join(sorted(there))}")
    if missing:
        words = "needs Debian packages that are not on this machine, and without Docker no app gets its own"
        job.log.warning(" ".join([FILE, words + ":", *missing]))
        job.log.warning(" ".join(["Ask the administrator to run: apt-get install", *missing]))


def installed(names: tuple[str, ...]) -> set[str]:
    """Which of them dpkg has; none where there is no dpkg."""
    argv = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", "--", *names]
    try:
        answer = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return set()
    return {line.split()[0] for line in answer.stdout.splitlines() if line.endswith(" installed")} & set(names)

"""The image packager: BuildKit through Docker's command line."""

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from minispaces_builder import static_site
from minispaces_builder.base_images import Base, BaseImages
from minispaces_builder.buildkit_group import limit_buildkit
from minispaces_builder.compile_call import Wanted
from minispaces_builder.container_sandbox import run_in_container
from minispaces_builder.docker_cli import ImageBuild, find_docker
from minispaces_builder.dockerfile_gate import read_dockerfile
from minispaces_builder.dockerfiles import SdkImage, SpaceImage, sdk_dockerfile, space_dockerfile, uv_config
from minispaces_builder.errors import BuildError
from minispaces_builder.image_build import run_build
from minispaces_builder.interpreter import Interpreter
from minispaces_builder.interpreters import announce, asked_version
from minispaces_builder.lockfiles import Lock, key_of
from minispaces_builder.old_syntax import for_old_builder
from minispaces_builder.packager import Job, workspace
from minispaces_builder.recipes.static import PROGRAM
from minispaces_builder.resolve import Asker, Resolver, Sandbox, explain_date
from minispaces_builder.settings import BuilderSettings
from minispaces_builder.work import Finished
from minispaces_contract.messages import Artifact
from minispaces_contract.states import ArtifactKind, Sdk

_SCHEMA = 1
LABEL = "minispaces.kind"
INSTALLATION_LABEL = "minispaces.installation"


class ImagePackager:
    def __init__(self, settings: BuilderSettings, resolver: Resolver) -> None:
        self._settings = settings
        self._resolver = resolver
        self._bases = BaseImages(settings)

    def package(self, job: Job) -> Artifact:
        place = workspace(self._settings.data, job.spec.build_id) / "context"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        limit_buildkit(self._settings)
        if job.plan.sdk is Sdk.DOCKER:
            return self._artifact(job, self._from_dockerfile(job, place), python=None)
        python, image_id = self._from_sdk(job, place)
        return self._artifact(job, image_id, python=python)

    def _artifact(self, job: Job, image_id: str, *, python: str | None) -> Artifact:
        """The image's own command starts it. Raises BuildError for an image that is too large."""
        size = self._size(job, image_id)
        limit = self._settings.image_limit_gb
        if size > limit * 1e9:
            find_docker().run(job.work, ["image", "rm", "--force", image_id])
            raise BuildError(
                f"The image has {size / 1e9:.1f} GB; images larger than {limit:g} GB are not kept. Install less "
                "(PyTorch for CPUs is 4 GB smaller), or ask the administrator to raise MINISPACES_IMAGE_LIMIT_GB."
            )
        plan = job.plan
        return Artifact(
            kind=ArtifactKind.IMAGE,
            reference=image_id,
            sdk=plan.sdk,
            port=plan.port,
            env=plan.env,
            python=python,
            size_bytes=size,
        )

    def _size(self, job: Job, image_id: str) -> int:
        answer = find_docker().run(job.work, ["image", "inspect", "--format", "{{.Size}}", image_id])
        return int(answer.out) if answer.code == 0 else 0

    def _from_dockerfile(self, job: Job, place: Path) -> str:
        gated = read_dockerfile(job.checkout)
        for warning in gated.warnings:
            job.log.warning(warning)
        dockerfile = place / "Dockerfile"
        dockerfile.write_text(gated.text if find_docker().buildx else for_old_builder(gated.text))
        build = ImageBuild(
            job.checkout.root,
            dockerfile,
            place / "id",
            network=self._settings.build_network,
            labels=_labels(job, self._settings),
            arguments=job.spec.variables,
        )
        return run_build(build, job, steps=True)

    def _from_sdk(self, job: Job, place: Path) -> tuple[str, str]:
        config, space_id = job.spec.config, job.spec.space_id
        asked = asked_version(config.python_version)
        gpu = job.spec.hardware.gpus > 0
        base = self._bases.choose(job, asked, gpu=gpu)
        announce(job.log, asked, base.python)
        python = Interpreter(base.python, path="")
        wanted = Wanted(job.plan.package, config.sdk_version, job.requirements, python, config.dependencies_as_of)
        asker = Asker(space_id, job.log, job.work, self._sandbox(job, base, place))
        lock = self._resolver.resolve(wanted, asker)
        if explanation := explain_date(lock, wanted):
            job.log.line(explanation)
        shared = _shareable(self._resolver.sdk_lock(wanted, asker))
        sdk_image = self._sdk_image(job, base.image(base.python), base.id, shared, place / "sdk")
        return base.python, self._space_image(job, sdk_image, lock, place, same=lock.text == shared.text)

    def _sandbox(self, job: Job, base: Base, place: Path) -> Sandbox:
        """A container of the Python alone: the builder may itself run in one, where bubblewrap cannot."""

        def run(argv: Sequence[str], folder: Path) -> Finished:
            image = self._sdk_image(job, base.image(base.python), base.id, Lock(""), place / "sandbox")
            return run_in_container(argv, folder, image, index=self._resolver.uv.index, work=job.work)

        return run

    def _sdk_image(self, job: Job, image: SdkImage, base_id: str, lock: Lock, place: Path) -> str:
        """Made at first use; afterwards only its name is needed."""
        program = job.plan.sdk is Sdk.STATIC
        dockerfile = sdk_dockerfile(image, packages=lock.count > 0, program=program)
        authority = Path(self._settings.extra_ca_file).read_bytes() if image.extra_ca else b""
        source = Path(static_site.__file__).read_bytes() if program else b""
        parts = (dockerfile, base_id, lock.text, hashlib.sha256(authority + source).hexdigest())
        tag = f"minispaces/sdk-{job.plan.sdk}:{key_of(_SCHEMA, *parts)}"
        self._bases.mark_used(tag)
        if self._bases.has(job, tag):
            return tag
        place.mkdir()
        (place / "Dockerfile").write_text(dockerfile)
        (place / "lock.txt").write_text(lock.text)
        (place / "extra-ca.crt").write_bytes(authority)
        (place / f"{PROGRAM}.py").write_bytes(source)
        shutil.copy2(self._resolver.uv.binary, place / "uv")
        build = ImageBuild(
            place,
            place / "Dockerfile",
            place.parent / "sdk-id",
            network=self._settings.build_network,
            tag=tag,
            labels={LABEL: "sdk"},
            secrets=self._secrets(place.parent),
        )
        packages = f": {lock.count} packages" if lock.count else ""
        with job.log.phase(f"Making the image for {job.plan.sdk} on Python {image.python}{packages}"):
            run_build(build, job, steps=False)
        return tag

    def _space_image(self, job: Job, sdk_image: str, lock: Lock, place: Path, *, same: bool) -> str:
        context = place / "space"
        context.mkdir()
        os.rename(job.checkout.root, context / "app")  # noqa: PTH104  # atomic, on the same file system
        (context / "lock.txt").write_text(lock.text)
        image = SpaceImage(
            sdk_image,
            job.plan.command or (),
            job.system_packages,
            locked=not same,
            options=lock.options,
            cache=f"minispaces-uv-{job.spec.space_id}" if lock.builds_code else "minispaces-uv",
            builds_code=lock.builds_code,
        )
        (context / "Dockerfile").write_text(space_dockerfile(image))
        build = ImageBuild(
            context,
            context / "Dockerfile",
            place / "id",
            network=self._settings.build_network,
            labels=_labels(job, self._settings),
            secrets=self._secrets(place),
        )
        with job.log.phase(_what(job, lock, same=same)):
            return run_build(build, job, steps=False)

    def _secrets(self, place: Path) -> dict[str, Path]:
        path = place / "uv.toml"
        path.write_text(uv_config(self._resolver.uv.index))
        return {"uv": path}


def _shareable(sdk_lock: Lock) -> Lock:
    """Gradio 3 needs a package without a wheel: code that runs to install stays in the Space's own layer."""
    return Lock("") if sdk_lock.builds_code else sdk_lock


def _what(job: Job, lock: Lock, *, same: bool) -> str:
    parts = ["Building the image"]
    parts += [f"{len(job.system_packages)} Debian packages"] if job.system_packages else []
    parts += [] if same else [f"{lock.count} packages"]
    return parts[0] + (f" with {' and '.join(parts[1:])}" if parts[1:] else "")


def _labels(job: Job, settings: BuilderSettings) -> dict[str, str]:
    spec = job.spec
    ids = {"minispaces.space": spec.space_id, "minispaces.build": spec.build_id}
    return {LABEL: "space", INSTALLATION_LABEL: settings.installation, **ids}

"""One run of BuildKit, its output turned into the build's log."""

from dataclasses import dataclass, field

import structlog

from minispaces_builder.buildlog import BuildLog, took
from minispaces_builder.docker_cli import ImageBuild, build_argv, find_docker
from minispaces_builder.errors import BuildError
from minispaces_builder.image_words import UNEXPLAINED, explain
from minispaces_builder.packager import Job
from minispaces_builder.progress import Event, EventKind, Progress
from minispaces_contract.messages import Phase

_WORTH_SAYING_SECONDS = 0.1
_MOST_LETTERS = 2000

_log = structlog.get_logger()


@dataclass(slots=True)
class _Listener:
    """`steps` shows each instruction as a header: for people's own Dockerfiles, not for ours."""

    log: BuildLog
    steps: bool
    progress: Progress = field(default_factory=Progress)
    errors: list[str] = field(default_factory=list)

    def hear(self, line: str) -> None:
        event = self.progress.read(line)
        if event is not None:
            self._tell(event)

    def _tell(self, event: Event) -> None:
        match event.kind:
            case EventKind.OUTPUT:
                self.log.line(event.text)
            case EventKind.ERROR:
                self.errors.append(event.text)
            case EventKind.STEP if self.steps:
                self.log.header(event.step)
            case EventKind.CACHED if self.steps:
                self.log.line(f"{event.step.split(maxsplit=1)[0]} cached")
            case EventKind.DONE if self.steps and event.seconds >= _WORTH_SAYING_SECONDS:
                self.log.phases.append(Phase(name=event.step, seconds=event.seconds))
                self.log.line(took(event.seconds))
            case _:
                pass


def run_build(build: ImageBuild, job: Job, *, steps: bool) -> str:
    """The new image's id (`sha256:...`). Raises BuildError; the engine's own text stays out of the message."""
    cli = find_docker()
    listener = _Listener(job.log, steps)
    finished = job.work.run(build_argv(cli, build), env=cli.env(), on_line=listener.hear)
    if finished.code == 0:
        return build.id_file.read_text().strip()
    error = "\n".join([*listener.progress.loose, *listener.errors])
    words = explain(error, job.checkout, available=local_images(job))
    if words == UNEXPLAINED:
        _log.error("image_not_built", reason=error[-_MOST_LETTERS:])
    raise BuildError(words)


def local_images(job: Job) -> tuple[str, ...]:
    """Names that a Dockerfile may start from: what the engine has, without our own."""
    answer = find_docker().run(job.work, ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"])
    names = [name for name in answer.out.split() if "<none>" not in name and not name.startswith("minispaces/")]
    return tuple(sorted(names))

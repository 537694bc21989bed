"""Containers that stand still and go on, and their memory meanwhile."""

import docker
import docker.errors
from docker.models.containers import Container

from minispaces_runner.containers.seen import groups_of
from minispaces_runner.process.paging import page_out


def pause(container: Container) -> bool:
    """Whether it stands still now."""
    if container.status == "running":
        try:
            container.pause()
        except docker.errors.APIError:
            return False
    return bool(container.status in {"running", "paused"})


def unpause(client: docker.DockerClient, name: str) -> None:
    """Without looking first: who wakes it waits."""
    try:
        client.api.unpause(name)
    except docker.errors.NotFound:
        return
    except docker.errors.APIError as error:
        if "not paused" not in str(error) and "not running" not in str(error):
            raise


def page_out_container(container: Container) -> None:
    """Where its processes are ours to see: we may be in a container ourselves."""
    pid = int(container.attrs["State"].get("Pid") or 0)
    if container.status == "paused" and str(container.id) in groups_of(pid):
        listed = container.top(ps_args="-o pid")
        page_out(int(row[0]) for row in listed["Processes"])

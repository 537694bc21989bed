"""A Docker engine of the campaign's own, that it may stop, kill and hold still."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import docker
import docker.errors
from support.waiting import wait_for

_SECONDS = 60


@dataclass
class OwnEngine:
    """It leaves the machine's firewall alone: two engines that both write there take each other's rules away."""

    folder: Path
    live_restore: bool = True
    daemon: "subprocess.Popen[bytes] | None" = None

    @property
    def host(self) -> str:
        return f"unix://{self.folder}/docker.sock"

    def start(self) -> None:
        settings = {
            "data-root": f"{self.folder}/data", "exec-root": f"{self.folder}/run", "pidfile": f"{self.folder}/pid",
            "hosts": [self.host], "bridge": "none", "iptables": False, "ip6tables": False, "ip-masq": False,
            "live-restore": self.live_restore, "shutdown-timeout": 5,
        }  # fmt: skip
        (self.folder / "daemon.json").write_text(json.dumps(settings))
        (self.folder / "pid").unlink(missing_ok=True)
        argv = ["dockerd", "--config-file", str(self.folder / "daemon.json")]
        path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
        with (self.folder / "log").open("ab") as log:
            self.daemon = subprocess.Popen(
                argv, stdout=log, stderr=log, start_new_session=True, env=os.environ | {"PATH": path}
            )
        wait_for(self.answers, seconds=_SECONDS)

    def answers(self) -> bool:
        with suppress(docker.errors.DockerException):
            client = docker.DockerClient(self.host, timeout=5)
            try:
                return bool(client.ping())
            finally:
                client.close()
        return False

    def stop(self) -> None:
        """As its service manager does."""
        assert self.daemon is not None
        self.daemon.send_signal(signal.SIGTERM)
        self.daemon.wait(_SECONDS)

    def kill(self) -> None:
        """`kill -9`, its containerd too; the containers' own keepers live on."""
        assert self.daemon is not None
        mark = self.folder / "run" / "containerd" / "containerd.pid"
        self.daemon.kill()
        self.daemon.wait()
        os.kill(int(mark.read_text()), signal.SIGKILL)
        mark.unlink()  # where nobody buries the dead, the next dockerd would take it for alive

    @contextmanager
    def held_still(self) -> Iterator[None]:
        """It answers nobody, and what happens meanwhile it tells nobody either."""
        assert self.daemon is not None
        self.daemon.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.daemon.send_signal(signal.SIGCONT)

    def load(self, image: str) -> None:
        """From the engine that the tests have anyway."""
        with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as saving:
            subprocess.run(["docker", "-H", self.host, "load"], stdin=saving.stdout, check=True, capture_output=True)

    def containers(self) -> list[str]:
        listed = subprocess.run(["docker", "-H", self.host, "ps", "-q"], capture_output=True, text=True, check=True)
        return listed.stdout.split()

    def process_of(self, deployment_id: str) -> int:
        form = ["--format", "{{.State.Pid}}", f"minispaces-{deployment_id}"]
        said = subprocess.run(["docker", "-H", self.host, "inspect", *form], capture_output=True, text=True, check=True)
        return int(said.stdout)

    def remove(self) -> None:
        """Also one that never came back, whose containers live on."""
        assert self.daemon is not None
        if self.daemon.poll() is None:
            self.stop()
        for keeper in self._keepers():
            for container in Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split():
                os.kill(int(container), signal.SIGKILL)
            os.kill(keeper, signal.SIGKILL)
        lines = Path("/proc/mounts").read_text().splitlines()
        below = [mount for line in lines if (mount := line.split()[1]).startswith(f"{self.folder}/")]
        for mount in sorted(below, reverse=True):
            subprocess.run(["umount", "-l", mount])
        shutil.rmtree(self.folder, ignore_errors=True)

    def _keepers(self) -> list[int]:
        listed = subprocess.run(["pgrep", "-f", f"containerd-shim.*{self.folder}/run"], capture_output=True, text=True)
        return [int(pid) for pid in listed.stdout.split()]

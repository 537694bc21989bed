"""Calling uv: the binary of its wheel, the machine's package index, the shared cache."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import uv

from minispaces_builder.interpreter import Interpreter, interpreter_folder
from minispaces_builder.package_index import PackageIndex
from minispaces_builder.sandbox import View
from minispaces_builder.work import Finished, Work

_PASSED_ON = (
    "PATH",
    "LANG",
    "LC_ALL",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)


@dataclass(frozen=True, slots=True)
class Uv:
    index: PackageIndex
    cache: Path
    downloads: bool = False
    """Whether it may fetch interpreters."""

    @property
    def binary(self) -> str:
        return uv.find_uv_bin()

    def env(self, *, cache: Path | None = None) -> dict[str, str]:
        """Nothing of the builder's own environment but what reaches the network; no token goes along."""
        kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return kept | {
            **self.index.uv_env(),
            "HOME": os.devnull,  # as root uv would make the folders of a home that is not there
            "UV_PYTHON_INSTALL_DIR": str((cache or self.cache) / "python"),
            "UV_CACHE_DIR": str(cache or self.cache),
            "UV_PYTHON_DOWNLOADS": "manual" if self.downloads else "never",
            "UV_NO_CONFIG": "1",
            "UV_NO_PROGRESS": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
        }

    def view(self, *writable: Path, python: Interpreter) -> View:
        """What uv needs to see in a sandbox."""
        return View(writable, (Path(self.binary), *self.index.local_paths(), *interpreter_folder(python)))

    def run(
        self,
        work: Work,
        args: Sequence[str],
        *,
        cwd: Path | None = None,
        extra_env: Mapping[str, str] | None = None,
        keep_fds: Sequence[int] = (),
    ) -> Finished:
        return work.run([self.binary, *args], env={**self.env(), **(extra_env or {})}, cwd=cwd, keep_fds=keep_fds)

"""The `static` SDK: the repository's files, served by a small program of ours that goes into the artifact."""

from minispaces_builder.recipes.plan import AppPlan, Files, app_file_of
from minispaces_contract.messages import AppConfig
from minispaces_contract.states import Sdk

PROGRAM = "minispaces_static"
"""The module that serves; see static_site.py, which both packagers put among the environment's packages."""


class StaticRecipe:
    sdk = Sdk.STATIC

    def detect(self, files: Files) -> str | None:
        return "there is an index.html" if "index.html" in files.names else None

    def render(self, files: Files, config: AppConfig) -> AppPlan:
        app_file = app_file_of(files, config, default="index.html") if config.app_file else "index.html"
        return AppPlan(
            Sdk.STATIC,
            port=7860,
            command=("python", "-m", PROGRAM, app_file),
            env={"HOME": "/home/user", "PYTHONUNBUFFERED": "1"},
            summary=f"Static site with {app_file}" if app_file in files.names else "Static site without an index.html",
        )

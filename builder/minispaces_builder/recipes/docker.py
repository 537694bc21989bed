"""The `docker` SDK: the repository's own Dockerfile, and whatever it starts."""

from minispaces_builder.errors import BuildError
from minispaces_builder.recipes.plan import AppPlan, Files
from minispaces_contract.messages import AppConfig
from minispaces_contract.states import Sdk, Stage


class DockerRecipe:
    sdk = Sdk.DOCKER

    def detect(self, files: Files) -> str | None:
        return "there is a Dockerfile" if "Dockerfile" in files.names else None

    def render(self, files: Files, config: AppConfig) -> AppPlan:
        if "Dockerfile" not in files.names:
            raise BuildError(f"Dockerfile not found at the repository root.{_near_miss(files)}", Stage.NO_APP_FILE)
        port = config.app_port or 7860
        return AppPlan(Sdk.DOCKER, port=port, summary=f"Dockerfile, listening on port {port}")


def _near_miss(files: Files) -> str:
    near = sorted(name for name in files.names if name.rsplit("/", 1)[-1].lower() == "dockerfile")
    return f" There is {near[0]}; its name must be exactly `Dockerfile`, at the top." if near else ""

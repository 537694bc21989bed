"""The `gradio` SDK: any Python program that listens on port 7860."""

from dataclasses import replace

from minispaces_builder.recipes.plan import AppPlan, Files, app_file_of
from minispaces_builder.recipes.python_app import ENV, imports, lone_program, requires
from minispaces_contract.messages import AppConfig
from minispaces_contract.states import Sdk

_ENV = ENV | {
    "GRADIO_SERVER_NAME": "0.0.0.0",  # noqa: S104  # inside the app's own network
    "GRADIO_SERVER_PORT": "7860",
    "GRADIO_NUM_PORTS": "1",
    "GRADIO_ALLOW_FLAGGING": "never",
    "GRADIO_FLAGGING_MODE": "never",
    "GRADIO_THEME": "huggingface",
    "GRADIO_ANALYTICS_ENABLED": "False",
}


class GradioRecipe:
    sdk = Sdk.GRADIO

    def detect(self, files: Files) -> str | None:
        if "app.py" in files.names and imports(files, "app.py", package="gradio"):
            return "app.py imports gradio"
        if "app.py" in files.names and requires(files, "gradio"):
            return "requirements.txt names gradio"
        if lone := lone_program(files, package="gradio"):
            return f"{lone} imports gradio"
        return None

    def render(self, files: Files, config: AppConfig) -> AppPlan:
        assumed = lone_program(files, package="gradio") if config.app_file is None else None
        app_file = app_file_of(files, config, default=assumed or "app.py")
        return replace(_PLAN, command=("python", app_file), summary=f"Gradio app {app_file}")


_PLAN = AppPlan(Sdk.GRADIO, port=7860, env=_ENV, package="gradio")

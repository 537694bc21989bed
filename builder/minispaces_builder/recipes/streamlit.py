"""The `streamlit` SDK, on port 8501."""

from minispaces_builder.recipes.plan import AppPlan, Files, app_file_of
from minispaces_builder.recipes.python_app import ENV, imports, lone_program, requires
from minispaces_contract.messages import AppConfig
from minispaces_contract.states import Sdk

_CONVENTION = "streamlit_app.py"
_OPTIONS = {
    "server.port": "8501",
    "server.address": "0.0.0.0",  # noqa: S104  # inside the app's own network
    "server.headless": "true",
    "server.enableCORS": "false",
    "server.enableXsrfProtection": "false",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
}

_ENV = ENV | {"STREAMLIT_LOGGER_HIDE_WELCOME_MESSAGE": "true"}
"""Its addresses are not the app's, and for one of them it asks a server on the internet at each start."""


class StreamlitRecipe:
    sdk = Sdk.STREAMLIT

    def detect(self, files: Files) -> str | None:
        if _CONVENTION in files.names:
            return f"there is a {_CONVENTION}"
        if "app.py" in files.names and imports(files, "app.py", package="streamlit"):
            return "app.py imports streamlit"
        if "app.py" in files.names and requires(files, "streamlit"):
            return "requirements.txt names streamlit"
        if lone := lone_program(files, package="streamlit"):
            return f"{lone} imports streamlit"
        return None

    def render(self, files: Files, config: AppConfig) -> AppPlan:
        app_file = app_file_of(files, config, default=_default_file(files))
        options = (part for name, value in _OPTIONS.items() for part in (f"--{name}", value))
        return AppPlan(
            Sdk.STREAMLIT,
            port=8501,
            command=("streamlit", "run", app_file, *options),
            env=_ENV,
            package="streamlit",
            summary=f"Streamlit app {app_file}",
        )


def _default_file(files: Files) -> str:
    if "app.py" in files.names:
        return "app.py"
    return _CONVENTION if _CONVENTION in files.names else lone_program(files, package="streamlit") or "app.py"

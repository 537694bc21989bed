"""Which recipe a repository gets, and how its app is started."""

import pytest

from minispaces_builder.errors import BuildError
from minispaces_builder.recipes.choose import choose
from minispaces_contract.messages import AppConfig
from minispaces_contract.states import Sdk, Stage

GRADIO = "import gradio as gr\ngr.Interface(str, 'text', 'text').launch()\n"


@pytest.mark.parametrize(
    ("files", "sdk", "because"),
    [
        ({"Dockerfile": "FROM x", "app.py": GRADIO}, Sdk.DOCKER, "there is a Dockerfile"),
        ({"app.py": GRADIO}, Sdk.GRADIO, "app.py imports gradio"),
        ({"app.py": "from x import y", "requirements.txt": "Gradio>=5"}, Sdk.GRADIO, "requirements.txt names gradio"),
        ({"demo.py": "import os, gradio"}, Sdk.GRADIO, "demo.py imports gradio"),
        ({"streamlit_app.py": ""}, Sdk.STREAMLIT, "there is a streamlit_app.py"),
        ({"app.py": "  from streamlit import write"}, Sdk.STREAMLIT, "app.py imports streamlit"),
        ({"app.py": "", "requirements.txt": "s\0t\0r\0e\0a\0m\0l\0i\0t\0\n"}, Sdk.STREAMLIT, "requirements.txt names"),
        ({"index.html": "hi", "x.py": "import os"}, Sdk.STATIC, "there is an index.html"),
    ],
)
def test_a_repository_without_front_matter_is_recognised_and_it_is_said_why(repository, files, sdk, because):
    choice = choose(repository(files), AppConfig())
    assert choice.plan.sdk is sdk
    assert choice.assumed is not None
    assert because in choice.assumed


def test_front_matter_decides_whatever_else_is_there(repository):
    choice = choose(repository({"Dockerfile": "FROM x", "app.py": GRADIO}), AppConfig(sdk=Sdk.GRADIO))
    assert (choice.plan.sdk, choice.assumed) == (Sdk.GRADIO, None)


def test_a_repository_that_nothing_fits_gets_a_sample_front_matter(repository):
    with pytest.raises(BuildError, match=r"(?s)README\.md has no front matter.*sdk: gradio") as failure:
        choose(repository({"README.md": "# hello", "main.rs": ""}), AppConfig())
    assert failure.value.stage is Stage.CONFIG_ERROR


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "-c", "a/../../b", "folder", "app\n.py"])
def test_an_app_file_that_is_no_file_of_the_repository_is_refused(repository, name):
    with pytest.raises(BuildError, match="app_file"):
        choose(repository({"app.py": GRADIO, "folder/x.py": ""}), AppConfig(sdk=Sdk.GRADIO, app_file=name))


def test_a_missing_app_file_says_what_there_is_instead(repository):
    with pytest.raises(BuildError, match=r"There is no app\.py .*has main\.py, sub/other\.py") as failure:
        choose(repository({"main.py": "import os", "sub/other.py": ""}), AppConfig(sdk=Sdk.GRADIO))
    assert failure.value.stage is Stage.NO_APP_FILE


def test_app_files_may_lie_in_folders_and_have_blanks(repository):
    plan = choose(repository({"my demo/app.py": ""}), AppConfig(sdk=Sdk.GRADIO, app_file="./my demo/app.py")).plan
    assert plan.command == ("python", "my demo/app.py")


def test_streamlit_listens_where_the_proxy_looks(repository):
    plan = choose(repository({"streamlit_app.py": ""}), AppConfig(sdk=Sdk.STREAMLIT)).plan
    assert plan.port == 8501
    assert plan.command is not None
    assert " ".join(plan.command).startswith("streamlit run streamlit_app.py --server.port 8501")


@pytest.mark.parametrize(("app_port", "port"), [(None, 7860), (8080, 8080)])
def test_a_dockerfile_listens_on_app_port(repository, app_port, port):
    assert choose(repository({"Dockerfile": ""}), AppConfig(sdk=Sdk.DOCKER, app_port=app_port)).plan.port == port


def test_a_dockerfile_of_another_spelling_is_pointed_out(repository):
    with pytest.raises(BuildError, match="There is docker/dockerfile"):
        choose(repository({"docker/dockerfile": ""}), AppConfig(sdk=Sdk.DOCKER))


def test_a_static_site_needs_no_index(repository):
    plan = choose(repository({"README.md": ""}), AppConfig(sdk=Sdk.STATIC)).plan
    assert plan.command == ("python", "-m", "minispaces_static", "index.html")

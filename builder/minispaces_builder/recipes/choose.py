"""Which recipe builds a repository."""

from dataclasses import dataclass

from minispaces_builder.errors import BuildError
from minispaces_builder.recipes.docker import DockerRecipe
from minispaces_builder.recipes.gradio import GradioRecipe
from minispaces_builder.recipes.plan import SAMPLE_FRONT_MATTER, AppPlan, Files, Recipe
from minispaces_builder.recipes.static import StaticRecipe
from minispaces_builder.recipes.streamlit import StreamlitRecipe
from minispaces_contract.messages import AppConfig
from minispaces_contract.states import Stage

RECIPES: tuple[Recipe, ...] = (DockerRecipe(), GradioRecipe(), StreamlitRecipe(), StaticRecipe())
"""In the order in which they are asked when the front matter names no SDK."""


@dataclass(frozen=True, slots=True)
class Choice:
    plan: AppPlan
    assumed: str | None = None
    """What was concluded without front matter, in words."""


def choose(files: Files, config: AppConfig) -> Choice:
    """Raises BuildError when nothing fits or the app's file is missing."""
    if config.sdk is not None:
        recipe = next(recipe for recipe in RECIPES if recipe.sdk is config.sdk)
        return Choice(recipe.render(files, config))
    for recipe in RECIPES:
        if reason := recipe.detect(files):
            assumed = f"README.md names no SDK; assuming `sdk: {recipe.sdk}`, because {reason}."
            return Choice(recipe.render(files, config), assumed)
    raise BuildError(_nothing_fits(files), Stage.CONFIG_ERROR)


def _nothing_fits(files: Files) -> str:
    what = (
        "README.md has no front matter with an SDK"
        if "README.md" in files.names
        else "There is no README.md with front matter"
    )
    return f"{what}; add `sdk:` at its top, for example:\n{SAMPLE_FRONT_MATTER}"

"""Templates: one environment, and the one way from a view to an answer."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from minispaces_platform import wording
from minispaces_platform.around import around
from minispaces_platform.assets import asset
from minispaces_platform.models.accounts import User


@cache
def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("minispaces_platform"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,  # it looks at each file for each page
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = asset
    for words in (
        wording.ago, wording.memory, wording.seconds, wording.size, wording.short, wording.tidy, wording.visible,
    ):  # fmt: skip
        made.filters[words.__name__] = words
    return made


def render(template: str, view: object, *, user: User | None = None, status: int = 200) -> HTMLResponse:
    """A page, made of `view` (a dataclass) and of who looks at it."""
    return answer(environment().get_template(template).render(view=view, user=user, around=around()), status)


def answer(text: str, status: int = 200) -> HTMLResponse:
    """Pages are private and always asked for anew."""
    return HTMLResponse(text, status, headers={"Cache-Control": "private, no-cache"})


def fragment(template: str, view: object) -> Markup:
    """A part of a page that the page itself shows, so that a live change and a reload look alike."""
    return Markup(environment().get_template(template).render(view=view))  # noqa: S704 - templates escape

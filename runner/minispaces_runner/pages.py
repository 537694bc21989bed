"""The pages that people see in place of an app that is not up: one template, no request to anywhere else."""

import base64
import hashlib
from dataclasses import dataclass
from importlib.resources import files

import jinja2
from markupsafe import Markup

from minispaces_contract.messages import SpaceRoute
from minispaces_runner.host_view import HostState, HostView

REFRESH_SECONDS = 3
"""Without JavaScript the page asks again this often."""

_FOLDER = files("minispaces_runner") / "templates"
_STYLE = (_FOLDER / "page.css").read_text()
_SCRIPT = (_FOLDER / "page.js").read_text()
_TEMPLATE = jinja2.Environment(autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined).from_string(
    (_FOLDER / "page.html").read_text()
)

WORDS = {
    HostState.UNKNOWN: ("Not found", "quiet", "There is no app at this address. It may have been renamed or deleted."),
    HostState.EMPTY: ("Empty", "quiet", "Nothing has been pushed to this Space yet."),
    HostState.BUILDING: ("Building", "busy", "This app is being built. The page shows it as soon as it answers."),
    HostState.SLEEPING: ("Waking up", "busy", "This app sleeps until it is opened. The page shows it once it answers."),
    HostState.STARTING: ("Starting", "busy", "This app is starting. The page shows it as soon as it answers."),
    HostState.RUNNING: ("Starting", "busy", "This app does not answer at the moment; it is being looked after."),
    HostState.STOPPED: ("Stopped", "quiet", "This app is stopped. Somebody who may write to its Space can start it."),
    HostState.FAILED: ("App failed", "bad", "This app does not run. Its author can see why in the log."),
}
"""Label, tone and sentence; the labels are the hub's own."""


@dataclass(frozen=True, slots=True)
class _Page:
    state: HostState
    label: str
    tone: str
    sentence: str
    name: str
    words: str | None
    hub_url: str
    hub_words: str
    watch: bool


def render_page(view: HostView, *, host: str, hub_url: str) -> str:
    page = _page_of(view, host, hub_url)
    style, script = Markup(_STYLE), Markup(_SCRIPT)  # noqa: S704 (our own files)
    return _TEMPLATE.render(page=page, refresh=REFRESH_SECONDS, style=style, script=script)


def sentence_of(view: HostView) -> str:
    """For programs."""
    return f"{WORDS[view.state][2]} {view.words or ''}".strip()


def page_headers(view: HostView) -> dict[str, str]:
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}
    if view.state.may_run_soon:
        headers["Retry-After"] = str(REFRESH_SECONDS)
    return headers


def _page_of(view: HostView, host: str, hub_url: str) -> _Page:
    label, tone, sentence = WORDS[view.state]
    return _Page(
        state=view.state,
        label=label,
        tone=tone,
        sentence=sentence,
        name=_name_of(view.route) or host,
        words=view.words,
        hub_url=view.route.hub_url if view.route else hub_url,
        hub_words="Its Space" if view.route else "All Spaces",
        watch=view.state.may_run_soon,
    )


def _name_of(route: SpaceRoute | None) -> str | None:
    return (route.title or route.space) if route else None


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


_POLICY = (
    f"default-src 'none'; style-src {_hash(_STYLE)}; script-src {_hash(_SCRIPT)}; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
"""No `frame-ancestors`: apps are shown in frames, and so are these pages in their place."""

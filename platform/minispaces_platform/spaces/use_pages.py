"""How to use a Space from elsewhere: from code, in another page, with git."""

from dataclasses import dataclass
from html import escape

from fastapi import APIRouter, Depends
from starlette.responses import Response

from minispaces_platform.actors import CurrentActor
from minispaces_platform.assets import read_asset
from minispaces_platform.deployments.world import host_of
from minispaces_platform.edge.own_pass import is_guarded
from minispaces_platform.guard import Everybody, Readable
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.app_api import AppApi, api_of
from minispaces_platform.spaces.overview import now_of
from minispaces_platform.spaces.queries import SpaceNow
from minispaces_platform.spaces.snippets import Call, calls_of
from minispaces_platform.spaces.views import Rights, SpaceView, frame_of, rights_of, view_of

router = APIRouter(include_in_schema=False)
_ALLOW = "camera; clipboard-write; fullscreen; microphone"
_EMBED_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=3600",
}


@dataclass(frozen=True, slots=True)
class UseView:
    """`guarded`: callers need a token, and a page that embeds the app shows it to nobody who is not signed in."""

    space: SpaceView
    kind: str
    calls: tuple[Call, ...]
    guarded: bool
    iframe: str
    script: str
    clone: str
    push: str


@router.get("/spaces/{owner}/{name}/use")
async def show_use(space: Readable, parts: PartsDep, actor: CurrentActor) -> Response:
    now = await now_of(parts, space)
    view = _use_view(parts, now, await api_of(parts, now), rights_of(actor, space))
    return render("spaces/use.html", view, user=actor.user)


@router.get("/embed.js", dependencies=[Depends(Everybody("a script for pages elsewhere that show an app"))])
def serve_embed_script() -> Response:
    """At an address that stays the same for ever: it stands in other people's pages."""
    return Response(read_asset("js/embed.js"), media_type="text/javascript", headers=_EMBED_HEADERS)


def _use_view(parts: Parts, now: SpaceNow, api: AppApi, rights: Rights) -> UseView:
    settings, guarded = parts.settings, is_guarded(now.space, parts.settings)
    url = settings.url_of(host_of(now.space, settings))
    clone = f"{settings.hub_url}/spaces/{now.space.full_name}"
    return UseView(
        space=view_of(now, settings, tab="use", rights=rights),
        kind=api.kind,
        calls=calls_of(api, url, guarded=guarded) if frame_of(now, settings) else (),
        guarded=guarded,
        iframe=_iframe(url, now.space.card.title or now.space.name),
        script=_script(url, settings),
        clone=f"git clone {clone}",
        push=f"git remote add minispaces {clone}\ngit push minispaces {now.space.default_branch}",
    )


def _iframe(url: str, title: str) -> str:
    named = f'<iframe src="{escape(url)}" title="{escape(title)}"'
    return f'{named}\n  width="100%" height="600" loading="lazy" allow="{_ALLOW}"></iframe>'


def _script(url: str, settings: PlatformSettings) -> str:
    return (
        f'<script type="module" src="{settings.hub_url}/embed.js"></script>\n'
        f'<minispaces-app src="{url}" height="600"></minispaces-app>'
    )

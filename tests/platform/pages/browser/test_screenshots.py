"""Pictures of the pages for the documentation: `pytest tests/platform/pages/browser --screenshots`."""

from pathlib import Path

import pytest
from support.lively_hub import fill

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parents[4] / "docs" / "screenshots"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
PAGES = {
    "admin": "/admin",
    "admin-running": "/admin/running",
    "admin-people": "/admin/people",
    "admin-spaces": "/admin/spaces",
    "admin-health": "/admin/health",
    "admin-quotas": "/admin/quotas",
    "list": "/",
    "search": "/?q=text",
    "collection": "/collections/ada/start-here",
    "profile": "/ada",
    "space": "/spaces/ada/chest-xray",
    "space-failed": "/spaces/grace/churn-2026",
    "space-crashed": "/spaces/tim/lip-sync",
    "space-empty": "/spaces/tim/new-idea",
    "files": "/spaces/ada/chest-xray/tree/main",
    "file": "/spaces/ada/chest-xray/blob/main/app.py",
    "editor": "/spaces/ada/chest-xray/edit/main/app.py",
    "versions": "/spaces/ada/chest-xray/versions",
    "logs-building": "/spaces/ada/voice-notes/logs",
    "logs-failed": "/spaces/grace/churn-2026/logs",
    "discussions": "/spaces/ada/chest-xray/discussions",
    "discussion": "/spaces/ada/chest-xray/discussions/3",
    "settings": "/spaces/ada/chest-xray/settings",
    "use": "/spaces/ada/chest-xray/use",
    "new-space": "/new-space",
    "login": "/login",
    "not-found": "/spaces/ada/nothing",
}
KEPT = {"list", "space", "admin"}
"""What the documentation shows, on a desk; the others are for whoever changes a page, in the test's own folder."""
APP = """<!doctype html><style>body{{margin:0;height:100vh;font:600 26px sans-serif;display:grid;gap:18px;padding:36px;
box-sizing:border-box;grid:auto 1fr/1fr 1fr;background:linear-gradient(135deg,{0},{1});color:#fff}}h1{{font-size:34px;
margin:0;grid-column:1/3}}div{{background:#ffffff2e;border-radius:14px}}p{{background:#fff;height:14px;margin:26px;
border-radius:7px;opacity:.8}}</style><h1>{2}</h1><div><p><p style="width:60%"><p style="width:75%"></div><div></div>"""
SHADES = {"red": "#e2504f", "yellow": "#e0a72c", "green": "#2fa56f", "blue": "#3678dd", "indigo": "#5556d8",
          "purple": "#8d4fd6", "pink": "#d9538f", "gray": "#6b7482"}  # fmt: skip


@pytest.fixture
def picture(chromium):
    def draw(title: str, start: str, end: str) -> bytes:
        page = chromium.new_page(viewport={"width": 640, "height": 360})
        page.set_content(APP.format(SHADES[start], SHADES[end], title))
        taken = page.screenshot(type="jpeg", quality=80)
        page.close()
        return taken

    return draw


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pictures(*, page, hub, world, picture, scheme, size, tmp_path):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))
    people = fill(world, picture)
    page.goto(f"{hub}/login/{world.make_login_link(people['ada'])}")
    page.get_by_role("button", name="Sign in as ada").click()
    for name, path in PAGES.items():
        page.goto(hub + path)
        page.wait_for_load_state("load")
        file = f"{name}-{size}-{scheme}.png"
        page.screenshot(path=(FOLDER if name in KEPT and size == "desktop" else tmp_path) / file)
        page.screenshot(path=tmp_path / f"whole-{file}", full_page=True)

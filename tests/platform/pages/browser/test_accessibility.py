"""Every page, as axe sees it: WCAG 2.2 AA and its best practices, light and dark, on a desk and on a phone."""

import pytest
from support.npm import fetch_package

from minispaces_contract.states import BuildStatus
from minispaces_platform.audit.service import COMMAND_LINE
from minispaces_platform.organizations import service as organizations
from minispaces_platform.repos.changes import Put

pytestmark = [pytest.mark.browser, pytest.mark.node]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
README = b"# Hello\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n\n```python\nprint('hi')\n```\n"
HUB = [
    "/", "/?q=hello", "/ada", "/lab", "/new-space", "/notifications", "/settings/account", "/settings/profile",
    "/organizations/new", "/organizations/lab/settings", "/admin", "/admin/running", "/admin/people",
    "/admin/people/ada", "/admin/organizations", "/admin/spaces", "/admin/notices", "/admin/quotas", "/admin/health",
    "/admin/audit",
]  # fmt: skip
SPACE = [
    "", "/tree/main", "/blob/main/app.py", "/blob/main/README.md", "/blame/main/app.py", "/commits/main",
    "/edit/main/app.py", "/new/main", "/upload/main", "/versions", "/logs", "/discussions", "/discussions/new",
    "/likers", "/use", "/settings", "/duplicate", "/feedback",
]  # fmt: skip


@pytest.fixture
def ada(world):
    return world.add_user("ada", admin=True)


@pytest.fixture
def addresses(world, parts, commit, ada):
    space = world.add_live_space(
        ada, "hello", title="Hello", emoji="👋", short_description="Says hello", tags=["words"]
    )
    commit(space, Put("README.md", README), Put("app.py", b"def greet(name):\n    return f'Hello {name}'\n"))
    world.write_build_log(world.add_build(space, BuildStatus.FAILED, error="There is no app.py."), "one", "\x1b[31mtwo")
    with parts.database.writing() as session:
        organizations.create_organization(session, COMMAND_LINE, "lab", admin=ada, full_name="The laboratory")
    return [*HUB, *(f"/spaces/ada/hello{path}" for path in SPACE), "/nobody/nothing"]


@pytest.fixture
def axe():
    return (fetch_package("axe-core", version="4.14.1") / "axe-core" / "axe.min.js").read_text()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_to_complain_about(*, page, hub, world, ada, addresses, axe, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{hub}/login/{world.make_login_link(ada)}")
    page.get_by_role("button", name="Sign in as ada").click()
    found = {address: _complaints(page, hub + address, axe) for address in addresses}
    assert {address: each for address, each in found.items() if each} == {}


def _complaints(page, url, axe):
    page.goto(url)
    page.evaluate(axe)
    options = {"runOnly": {"type": "tag", "values": RULES}, "iframes": False}
    violations = page.evaluate("options => axe.run(document, options).then(found => found.violations)", options)
    return [f"{each['id']}: {node['target']}" for each in violations for node in each["nodes"]]

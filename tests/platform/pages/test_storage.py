"""Storage as people meet it: given, grown and given up in the settings, looked into and downloaded; and as the runner
is told of it.
"""

import io
import os
import socket
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest
from sqlalchemy import select
from support.served import served

from minispaces_contract.messages import DesiredWorld
from minispaces_contract.states import Sdk
from minispaces_contract.usage import StorageUsage
from minispaces_platform.accounts import service as accounts
from minispaces_platform.deployments.world import desired_world
from minispaces_platform.models.notices import Quota
from minispaces_platform.models.spaces import Space
from minispaces_platform.models.storage import SpaceStorage
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.storage.queries import find_storage
from minispaces_platform.storage.service import record_storage
from minispaces_platform.storage.world import add_storage
from minispaces_runner.settings import RunnerSettings
from minispaces_runner.storage.door import make_storage_door
from minispaces_runner.storage.volumes import Volumes

GIB = 1 << 30
PATH = "/spaces/ada/hello"


@pytest.fixture
def settings(tmp_path: Path, short_dir: Path, redis_socket: Path) -> PlatformSettings:
    return PlatformSettings(data=tmp_path, run=short_dir, redis_url=f"unix://{redis_socket}", internal_token="t")


@pytest.fixture
def space(world, ada) -> Space:
    return world.add_live_space(ada, "hello")


@pytest.fixture
def give(signed_in, space):
    """Choose a size as ada does; gives the answer."""
    return lambda size="small", at=PATH: signed_in.post(f"{at}/settings/storage", data={"size": size})


@pytest.fixture
def files(settings, parts, space, give) -> Iterator[Path]:
    """What the app of ada's Space wrote to /data, behind the runner's own door."""
    give()
    with parts.database.reading() as session:
        storage = find_storage(session, space.id)
    runner = RunnerSettings(data=settings.data, run=settings.run, internal_token="t", storage="folder")
    volumes = Volumes.open(runner)
    folder = volumes.ensure(add_of(parts).storages[0], owner=None)
    assert storage.id in str(folder)
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(settings.storage_socket))
        with served(make_storage_door(volumes, runner), listener):
            yield folder


def add_of(parts) -> DesiredWorld:
    with parts.database.reading() as session:
        return add_storage(session, desired_world(session, parts.settings), parts.settings)


def test_storage_is_given_with_a_restart_and_grows_without(parts, space, give):
    assert give().headers["location"] == f"{PATH}/settings?done=storage"
    told = add_of(parts)
    assert [(each.size_mb, told.deployments[-1].storage) for each in told.storages] == [(2048, told.storages[0])]
    before = len(told.deployments)
    assert before == 2
    assert give("medium").status_code == 303
    after = add_of(parts)
    assert (after.storages[0].id, after.storages[0].size_mb) == (told.storages[0].id, 20 * 1024)
    assert len(after.deployments) == before


def test_a_host_that_is_not_the_spaces_own_gets_an_empty_folder(parts, space, give):
    give()
    with parts.database.reading() as session:
        world = desired_world(session, parts.settings)
        preview = world.deployments[0].model_copy(update={"host": f"abc--ada-hello.{parts.settings.apps_domain}"})
        told = add_storage(session, world.model_copy(update={"deployments": (preview,)}), parts.settings)
    assert told.deployments[0].storage is not None
    assert told.deployments[0].storage.id is None


@pytest.mark.parametrize(
    ("size", "status", "words"),
    [("small", 409, "never shrinks"), ("huge", 422, "Choose one of small, medium, large")],
)
def test_what_cannot_be_is_refused_in_words(*, give, size, status, words):
    give()
    answer = give(size)
    assert answer.status_code == status
    assert words in answer.text


def test_a_quota_bounds_what_is_promised(parts, ada, give):
    with parts.database.writing() as session:
        session.add(Quota(namespace_id=ada.id, disk=3 * GIB))
    assert give().status_code == 303
    refused = give("medium")
    assert refused.status_code == 403
    assert "have 2 GiB of storage and may have 3 GiB" in refused.text


def test_a_static_space_gets_none(world, ada, give):
    world.add_space(ada, "still", sdk=Sdk.STATIC)
    assert "no app that could keep files" in give(at="/spaces/ada/still").text


def test_giving_it_up_takes_the_typed_name_and_names_the_volume_as_removed(parts, signed_in, give):
    give()
    volume = add_of(parts).storages[0].id
    where = f"{PATH}/settings/storage/detach"
    assert signed_in.post(where, data={"typed": "ada/hell"}).status_code == 422
    assert add_of(parts).storages[0].id == volume
    assert signed_in.post(where, data={"typed": "ada/hello"}).status_code == 303
    told = add_of(parts)
    assert (told.storages, told.removed_storages) == ((), (volume,))
    give()
    assert add_of(parts).storages[0].id != volume


def test_deleting_a_space_gives_its_storage_up(parts, signed_in, give):
    give()
    volume = add_of(parts).storages[0].id
    assert signed_in.post(f"{PATH}/settings/delete", data={"typed": "ada/hello"}).status_code == 303
    assert add_of(parts).removed_storages == (volume,)


def test_what_is_used_is_shown_to_the_owner_and_to_admins(*, parts, world, client, signed_in, space, give):
    give()
    with parts.database.writing() as session:
        seen = StorageUsage(id=session.scalar(select(SpaceStorage.id)) or "", used=GIB, size=2 * GIB)
        record_storage(session, datetime.now(UTC), [seen])
    assert "1 GiB of 2 GiB used" in signed_in.get(f"{PATH}/settings").text
    assert signed_in.get("/admin/storage").status_code == 404
    with parts.database.writing() as session:
        accounts.get_user(session, "ada").is_admin = True
    assert "1 GiB of 2 GiB used" in signed_in.get("/admin/storage").text


def test_owners_look_into_folders_and_download_files(signed_in, files):
    (files / "models").mkdir()
    (files / "models" / "a b.bin").write_bytes(b"weights")
    top = signed_in.get(f"{PATH}/storage")
    assert f'href="{PATH}/storage?path=models"' in top.text
    inner = signed_in.get(f"{PATH}/storage?path=models").text
    assert "a b.bin" in inner
    file = signed_in.get(f"{PATH}/storage/file?path={quote('models/' + quote('a b.bin'))}")
    assert file.content == b"weights"
    assert file.headers["content-disposition"] == "attachment; filename*=UTF-8''a%20b.bin"
    assert "sandbox" in file.headers["content-security-policy"]


def test_a_folder_comes_as_a_zip_without_links(signed_in, files):
    (files / "models").mkdir()
    (files / "models" / "x").write_bytes(b"1")
    (files / "models" / "passwd").symlink_to("/etc/passwd")
    os.mkfifo(files / "models" / "pipe")
    answer = signed_in.get(f"{PATH}/storage/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["models/x"]
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''hello-data.zip"


@pytest.mark.parametrize(
    "path", ["..", "models/../../x", "%2e%2e/%2e%2e/made", "link/passwd", "passwd", "pipe", "", "\0"]
)
def test_no_path_leads_out_and_no_link_is_followed(*, signed_in, files, path):
    (files / "link").symlink_to("/etc")
    (files / "passwd").symlink_to("/etc/passwd")
    os.mkfifo(files / "pipe")
    answer = signed_in.get(f"{PATH}/storage/file", params={"path": path})
    assert answer.status_code == 404
    assert "root:" not in answer.text


def test_hostile_names_are_text_and_still_lead_to_their_files(signed_in, files):
    name = b"<img src=x onerror=alert(1)>\xff\n"
    (files / os.fsdecode(name)).write_bytes(b"found")
    page = signed_in.get(f"{PATH}/storage").text
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;\ufffd" in page
    assert signed_in.get(f"{PATH}/storage/file", params={"path": quote(name)}).content == b"found"


@pytest.mark.parametrize("page", ["storage", "storage/file?path=x", "storage/zip"])
def test_nobody_but_its_admins_looks_into_it(*, client, world, files, page):
    client.cookies.clear()
    assert client.get(f"{PATH}/{page}").status_code == 401
    client.post(f"/login/{world.make_login_link(world.add_user('grace'))}")
    assert client.get(f"{PATH}/{page}").status_code == 403


def test_a_runner_that_is_away_is_said_in_words(signed_in, give):
    give()
    answer = signed_in.get(f"{PATH}/storage")
    assert answer.status_code == 503
    assert "the runner does not answer" in answer.text


def test_the_door_asks_for_the_token(settings, files, short_dir):
    with httpx2.Client(transport=httpx2.HTTPTransport(uds=str(settings.storage_socket))) as stranger:
        assert stranger.get(f"http://x/{files.parent.parent.name}/list").status_code == 401

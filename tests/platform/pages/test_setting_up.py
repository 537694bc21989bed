"""The first admin: made by the link of the last start, once, and never without it."""

from starlette.testclient import TestClient

from minispaces_platform.accounts import links, service
from minispaces_platform.parts import Parts


def make_link(parts: Parts) -> str:
    with parts.database.writing() as session:
        return links.create_setup_link(session)


def test_the_link_makes_an_admin_and_signs_them_in(parts: Parts, client: TestClient) -> None:
    secret = make_link(parts)
    assert "Become the first admin" in client.get(f"/setup/{secret}").text
    assert client.post(f"/setup/{secret}", data={"name": "ada"}).status_code == 303
    with parts.database.reading() as session:
        assert service.get_user(session, "ada").is_admin


def test_it_works_once_and_only_the_newest(parts: Parts, client: TestClient) -> None:
    older, newer = make_link(parts), make_link(parts)
    assert client.get(f"/setup/{older}").status_code == 410
    assert client.post(f"/setup/{newer}", data={"name": "ada"}).status_code == 303
    assert client.post(f"/setup/{newer}", data={"name": "eve"}).status_code == 410


def test_a_bad_name_gets_the_form_again_and_the_link_stays(parts: Parts, client: TestClient) -> None:
    secret = make_link(parts)
    answer = client.post(f"/setup/{secret}", data={"name": "admin"})
    assert answer.status_code == 422
    assert "cannot be the name of a user" in answer.text
    assert client.get(f"/setup/{secret}").status_code == 200


def test_a_sign_in_link_sets_nothing_up(parts: Parts, client: TestClient) -> None:
    with parts.database.writing() as session:
        secret = links.create_login_link(session, service.add_user(session, "bob"))
    assert client.post(f"/setup/{secret}", data={"name": "eve"}).status_code == 410

"""What people do to their Spaces, in one line each."""

import httpx2
from support.installation import Person
from support.waiting import wait_for


def call(person: Person, name: str, action: str, **body: object) -> httpx2.Response:
    """A Space's runtime, as programs ask for it."""
    return _post(person, f"/api/spaces/{person.name}/{name}/{action}", json=body)


def submit(person: Person, name: str, form: str, **fields: str) -> httpx2.Response:
    """A form of a Space's pages."""
    return _post(person, f"/spaces/{person.name}/{name}/{form}", data=fields)


def delete(person: Person, name: str) -> None:
    """One that is not there is fine."""
    answer = submit(person, name, "settings/delete", typed=f"{person.name}/{name}")
    assert answer.is_redirect or answer.status_code == httpx2.codes.NOT_FOUND, answer.text


def put_to_sleep(person: Person, name: str) -> None:
    call(person, name, "sleep").raise_for_status()
    await_stage(person, name, "SLEEPING")


def await_stage(person: Person, name: str, stage: str) -> None:
    wait_for(lambda: stage_of(person, name) == stage, seconds=60)


def stage_of(person: Person, name: str) -> str:
    path = f"/api/spaces/{person.name}/{name}/runtime"
    answer = person.at.ask("GET", "localhost", path, headers=_bearer(person))
    return str(answer.json()["stage"]) if answer.is_success else ""


def _post(person: Person, path: str, **body: object) -> httpx2.Response:
    return person.at.ask("POST", "localhost", path, headers=_bearer(person), **body)


def _bearer(person: Person) -> dict[str, str]:
    return {"Authorization": f"Bearer {person.token}"}

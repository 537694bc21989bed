"""GitHub has no OpenID Connect for people: who somebody is comes from its API, in the words of OpenID claims."""

from collections.abc import Iterator, Mapping
from typing import Any

from minispaces_platform.accounts.provider_client import BadAnswerError, ProviderClient, ask, ask_object
from minispaces_platform.accounts.providers import Provider

_PAGE = 100


def endpoints(provider: Provider) -> tuple[str, str]:
    """Where to send people, and where codes become tokens."""
    login = f"{provider.issuer.rstrip('/')}/login/oauth"
    return f"{login}/authorize", f"{login}/access_token"


def ask_github(client: ProviderClient, provider: Provider) -> Mapping[str, Any]:
    """Names may change hands at GitHub; the number does not. Groups are `organisation` and `organisation/team`."""
    api = provider.github_api
    user = ask_object(client, f"{api}/user", with_token=True)
    if not isinstance(user.get("id"), int) or isinstance(user["id"], bool):
        raise BadAnswerError("GitHub told no user id")
    return {
        "sub": str(user["id"]),
        "preferred_username": user.get("login"),
        "name": user.get("name"),
        **_email(client, api),
        provider.groups_claim: sorted(_groups(client, api)) if "read:org" in provider.scopes else [],
    }


def _email(client: ProviderClient, api: str) -> dict[str, Any]:
    emails = _objects(ask(client, f"{api}/user/emails", with_token=True))
    primary = next((each for each in emails if each.get("primary") is True), {})
    return {"email": primary.get("email"), "email_verified": primary.get("verified")}


def _groups(client: ProviderClient, api: str) -> set[str]:
    groups = set[str]()
    for organization in _objects(ask(client, f"{api}/user/orgs?per_page={_PAGE}", with_token=True)):
        groups.add(str(organization.get("login")))
    for team in _objects(ask(client, f"{api}/user/teams?per_page={_PAGE}", with_token=True)):
        groups.add(f"{(team.get('organization') or {}).get('login')}/{team.get('slug')}")
    return groups


def _objects(answer: object) -> Iterator[Mapping[str, Any]]:
    """Raises BadAnswerError."""
    if not isinstance(answer, list):
        raise BadAnswerError("GitHub's list is no list")
    return (each for each in answer if isinstance(each, dict))

"""What the front matter says for people to see; how to build and start the app is in `AppConfig`."""

from pydantic import BaseModel, ConfigDict

from minispaces_contract.states import Sdk


class SpaceOAuth(BaseModel):
    """The app signs people in with Minispaces. `minutes` is how long its access tokens live."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    scopes: tuple[str, ...] = ()
    minutes: int = 480
    organizations: tuple[str, ...] = ()
    """Only their members may sign in; empty for everybody."""


class SpaceCard(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    title: str | None = None
    emoji: str = "🚀"
    color_from: str = "blue"
    color_to: str = "purple"
    short_description: str | None = None
    sdk: Sdk | None = None
    base_path: str = "/"
    full_width: bool = True
    mini_header: bool = False
    thumbnail: str | None = None
    """A picture's path in the repository."""
    tags: tuple[str, ...] = ()
    license: str | None = None
    identity_headers: bool = False
    """The app is told who visits it."""
    oauth: SpaceOAuth | None = None

"""Who may see a Space and open its app, in words for people, and how that changes."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from minispaces_platform.access import Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.changes import announce
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.spaces import Space
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.service import hint_channels


@dataclass(frozen=True, slots=True)
class VisibilityWords:
    value: str
    label: str
    sentence: str


_MEMBERS = "its owner, members of the owning organisation and collaborators"
_WORDS = {
    Visibility.INTERNAL: VisibilityWords(
        "internal", "Internal", "Everybody who is signed in sees this page, the code and the app."
    ),
    Visibility.PROTECTED: VisibilityWords(
        "protected",
        "Protected",
        f"Everybody with the address may open the app; this page and the code are for {_MEMBERS}.",
    ),
    Visibility.PRIVATE: VisibilityWords(
        "private", "Private", f"Only {_MEMBERS} see this page, the code and the app. For all others it is not there."
    ),
}
_PUBLIC = VisibilityWords("public", "Public", "Everybody sees this page, the code and the app, signed in or not.")
_PUBLIC_INSIDE = VisibilityWords(
    "public",
    "Public",
    "Everybody who is signed in sees this page, the code and the app: this installation stays inside.",
)
_PROTECTED_INSIDE = VisibilityWords(
    "protected", "Protected", f"Everybody who is signed in may open the app; this page and the code are for {_MEMBERS}."
)


def visibilities(settings: PlatformSettings) -> tuple[VisibilityWords, ...]:
    return tuple(words_of(each, settings) for each in Visibility)


def words_of(visibility: Visibility, settings: PlatformSettings) -> VisibilityWords:
    """With `public_spaces` off nothing is open to strangers, and the words say so."""
    match visibility:
        case Visibility.PUBLIC:
            return _PUBLIC if settings.public_spaces else _PUBLIC_INSIDE
        case Visibility.PROTECTED if not settings.public_spaces:
            return _PROTECTED_INSIDE
        case _:
            return _WORDS[visibility]


def set_visibility(session: Session, actor: Actor, space: Space, *, visibility: Visibility) -> None:
    """Holds at once; the app goes on running."""
    if visibility is space.visibility:
        return
    audit.record(session, actor, "space.visibility", space, before=space.visibility, after=visibility)
    space.visibility = visibility
    announce(session, *hint_channels(space.id))

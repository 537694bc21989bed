"""A file's content made ready for its page, by its kind."""

from markupsafe import Markup

from minispaces_platform.files.address import Place
from minispaces_platform.files.highlighting import highlighted
from minispaces_platform.files.kinds import Kind, kind_of, most_bytes, pointer_of
from minispaces_platform.files.last_commits import latest_commit
from minispaces_platform.files.notebooks import NotebookError, read_notebook
from minispaces_platform.files.queries import Entry, read_blob
from minispaces_platform.files.views import BlobView, Content, Where, commit_view
from minispaces_platform.files.visit import Visit
from minispaces_platform.repos.readme import Bases, readme_html

EDITED_MAX = 512_000
LINES_MAX = 10_000
_BOTH = frozenset({Kind.MARKDOWN, Kind.NOTEBOOK})


def show_blob(visit: Visit, place: Place, entry: Entry, *, plain: bool) -> BlobView:
    where = visit.where(place, verb="blob")
    content = read_blob(visit.repository, entry.object, most=most_bytes(where.name))
    kind = kind_of(where.name, content, size=entry.size)
    latest = latest_commit(visit.repository, place)
    both = kind in _BOTH or (kind is Kind.IMAGE and where.name.lower().endswith(".svg") and entry.size <= len(content))
    return BlobView(
        space=visit.head(),
        where=where,
        kind=kind,
        size=entry.size,
        latest=commit_view(visit.base, latest) if latest else None,
        is_plain=plain and both,
        has_both=both,
        may_edit=where.may_change and is_editable(entry, content),
        content=_content(where, entry, content, kind=Kind.TEXT if plain and both else kind),
    )


def is_editable(entry: Entry, content: bytes) -> bool:
    """Whether a text field can hold it and give it back unchanged."""
    if entry.is_link or entry.size > EDITED_MAX or pointer_of(content) or b"\0" in content:
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def bases_of(where: Where, folder: str) -> Bases:
    """Relative addresses of a document in `folder`."""
    return Bases(f"{where.to('blob', folder)}/", f"{where.to('raw', folder)}/")


def _content(where: Where, entry: Entry, content: bytes, *, kind: Kind) -> Content:
    folder = where.path.rpartition("/")[0]
    if entry.is_link:
        return Content(link=content[:4096].decode(errors="replace"))
    shown = Content()
    match kind:
        case Kind.TEXT:
            lines = lines_of(where.name, content)
            shown = Content(lines=lines[:LINES_MAX], left_out=max(0, len(lines) - LINES_MAX))
        case Kind.MARKDOWN:
            shown = Content(prose=readme_html(content, bases=bases_of(where, folder)))
        case Kind.NOTEBOOK:
            shown = _notebook(content, bases_of(where, folder))
        case Kind.IMAGE:
            shown = Content(picture=where.to("raw"))
        case Kind.POINTER:
            shown = Content(pointer=pointer_of(content))
    return shown


def _notebook(content: bytes, bases: Bases) -> Content:
    try:
        return Content(notebook=read_notebook(content, bases=bases))
    except NotebookError as error:
        return Content(problem=str(error))


def lines_of(name: str, content: bytes) -> tuple[Markup, ...]:
    return highlighted(name, content.decode(errors="replace"))

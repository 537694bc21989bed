"""What a search finds, on both databases."""

import pytest
from sqlalchemy import delete, select

from minispaces_platform.gallery import search
from minispaces_platform.gallery.indexing import index_readme
from minispaces_platform.gallery.queries import tags_on_offer
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.search import SearchText
from minispaces_platform.models.spaces import Space
from minispaces_platform.namespaces.service import rename
from minispaces_platform.spaces.moving import rename_space
from minispaces_platform.spaces.service import find_space

from .conftest import STRANGER, Gallery

README = "---\ntitle: unseen\nsdk: gradio\n---\n# Résumés\n<b>Sorts</b> applications, see https://example.org/hidden"


def test_a_space_is_found_by_everything_that_is_said_of_it(gallery: Gallery) -> None:
    gallery.add("cv-sorter", title="Talent Finder", short_description="For busy people", tags=("HR",), readme=README)
    gallery.add("other", readme="Nothing of the kind")
    for words in ("cv", "sorter", "talent find", "BUSY", "hr", "resumes", "résum", "sorts appl", "ada cv", "cv-sorter"):
        assert gallery.find(q=words) == ["cv-sorter"], words
    for words in ("zebra", "unseen", "gradio", "example", "hidden", "talent zebra"):
        assert gallery.find(q=words) == [], words


def test_names_come_before_what_a_readme_mentions_whatever_trends(gallery: Gallery) -> None:
    gallery.add("whisper")
    gallery.add("captions", readme="Made with Whisper")
    with gallery.database.writing() as session:
        find_space(session, "ada", "captions").trending = 99
    assert gallery.find(q="whisper") == ["whisper", "captions"]
    assert gallery.find() == ["captions", "whisper"]


def test_few_and_many_matches_lead_to_the_same(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        gallery.add(f"demo-{number}", readme="all about demos and maps", tags=("maps",) if number % 2 else ())
    asked = [{"q": "demo"}, {"q": "about"}, {"q": "maps"}, {"tag": "maps"}, {"q": "zebra"}, {"state": "building"}]
    few = [gallery.find(**wanted) for wanted in asked]
    monkeypatch.setattr(search, "FEW", 0)
    assert [gallery.find(**wanted) for wanted in asked] == few
    assert [len(found) for found in few] == [4, 4, 4, 2, 0, 0]
    assert set(few[2][:2]) == {"demo-1", "demo-3"}


def test_what_changes_is_found_anew_and_not_as_before(gallery: Gallery) -> None:
    space = gallery.add("hello", readme="about cats", tags=("pets",))
    with gallery.database.writing() as session:
        space = find_space(session, "ada", "hello")
        rename_space(session, gallery.as_ada, space, name="bonjour")
        index_readme(session, space, "about dogs")
        space.card = space.card.model_copy(update={"tags": ("hounds",)})
        rename(session, gallery.as_ada, session.get_one(Namespace, gallery.ada.id), name="lovelace")
    for words in ("bonjour", "dogs", "hounds", "lovelace"):
        assert gallery.find(q=words) == ["bonjour"], words
    for words in ("hello", "cats", "pets", "ada"):
        assert gallery.find(q=words) == [], words
    assert (gallery.find(tag="pets"), gallery.find(tag="Hounds")) == ([], ["bonjour"])


def test_a_space_that_is_gone_leaves_nothing_behind(gallery: Gallery) -> None:
    gallery.add("hello", readme="about cats")
    with gallery.database.writing() as session:
        session.execute(delete(Space))
    with gallery.database.reading() as session:
        assert session.scalars(select(SearchText)).all() == []
    gallery.add("again")
    assert (gallery.find(q="cats"), gallery.find(q="again")) == ([], ["again"])


def test_nobody_learns_of_what_they_may_not_read(gallery: Gallery) -> None:
    for visibility in Visibility:
        gallery.add(f"x-{visibility}", visibility=visibility, tags=(f"tag-{visibility}",), readme="kittens")
    for wanted in ({}, {"q": "x"}, {"q": "kittens"}, {"owner": "ADA"}, {"hardware": "cpu-basic"}, {"state": "stopped"}):
        assert gallery.find(**wanted) == ["x-public"], wanted
        assert len(gallery.find(gallery.as_ada, **wanted)) == len(Visibility)
    assert gallery.find(tag="tag-private") == gallery.find(q="private") == []
    with gallery.database.reading() as session:
        assert tags_on_offer(session, STRANGER) == ["tag-public"]
        assert len(tags_on_offer(session, gallery.as_ada)) == len(Visibility)


HOSTILE = [
    '"',
    "' OR 1=1",
    "a AND",
    "NEAR(a b)",
    "col:x",
    "*",
    "a*b",
    "-x",
    "(",
    "&|!<->",
    "🦊",
    "\u202e",
    "x" * 200,
    "%_",
]


def test_no_query_breaks_the_search(gallery: Gallery) -> None:
    gallery.add("hello", readme="plain words")
    for words in HOSTILE:
        assert gallery.find(q=words) in ([], ["hello"]), words

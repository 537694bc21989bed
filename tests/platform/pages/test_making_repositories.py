"""The first pushes to a Space may come at once; they make one repository, and none of them an error."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

AT_ONCE = 4


def test_first_pushes_at_once_make_one_repository(parts):
    together = Barrier(AT_ONCE)

    def create(_):
        together.wait()
        return parts.store.create("first")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert set(pool.map(create, range(AT_ONCE))) == {parts.store.path("first")}
    assert (parts.store.path("first") / "info/attributes").read_text()

"""Print the table: `python -m bench`, or some of its measures, named as in MEASURES."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # an installation is started as the tests start it

from bench.gallery import measure_gallery
from bench.large import measure_large_push
from bench.many import measure_many_sleepers
from bench.measure import Row, table
from bench.neighbours import measure_neighbours
from bench.proxy import measure_requests
from bench.pushes import measure_code_change, measure_first_push
from bench.rollback import measure_rollbacks
from bench.starts import measure_fast_starts
from bench.wake import measure_wakes
from minispaces_platform.embedded.choice import choose_engine

MEASURES = {
    "code-change": lambda: measure_code_change("process"),
    "code-change-docker": lambda: measure_code_change("docker"),
    "first-push": measure_first_push,
    "requests": measure_requests,
    "large-push": measure_large_push,
    "gallery": measure_gallery,
    "wake": measure_wakes,
    "starts": measure_fast_starts,
    "rollback": measure_rollbacks,
    "neighbours": measure_neighbours,
    "many": measure_many_sleepers,
}
ONLY_BY_NAME = {"many"}
"""It takes a quarter of an hour."""


def main(names: list[str]) -> None:
    if not names:
        left_out = ONLY_BY_NAME if choose_engine("auto") == "docker" else {*ONLY_BY_NAME, "code-change-docker"}
        names = [name for name in MEASURES if name not in left_out]
    rows: list[Row] = []
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr)
        rows += MEASURES[name]()
        print(table(rows), file=sys.stderr)
    print(table(rows))


main(sys.argv[1:])

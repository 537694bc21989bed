"""Going back to a version and forth again while the app is asked all the time: how long it takes, and what fails."""

import statistics
import tempfile
from pathlib import Path

from support.going_back import MARKERS, Switch, go_back_and_forth
from support.installation import SHARED, installation

from bench.measure import Row

ROLLBACKS, REQUESTS = 40, 50_000
PAGE = "/manifest.json"
"""A Gradio app makes its front page for each visitor anew: 50,000 of them would take five minutes."""
SETTINGS = SHARED | {"MINISPACES_DRAIN_SECONDS": "5", "MINISPACES_BROWSER": "none"}
README = "---\nsdk: gradio\nsdk_version: 6.31.0\n---\n"
APP = 'import gradio as gr\n\ngr.Interface(lambda name: name, "text", "text", title="{marker}").launch()\n'


def measure_rollbacks() -> list[Row]:
    with installation("process", environment=SETTINGS) as at, tempfile.TemporaryDirectory() as folder:
        person = at.add_person("ada")
        tree = person.work_on(
            "demo", Path(folder) / "demo", {"README.md": README, "app.py": APP.format(marker=MARKERS[0])}
        )
        tree.push()
        tree.commit({"app.py": APP.format(marker=MARKERS[1])})
        tree.push()
        switch = Switch(at, person, "demo", PAGE)
        seconds, visits = go_back_and_forth(switch, rollbacks=ROLLBACKS, requests=REQUESTS)
    p95 = statistics.quantiles(seconds, n=20)[-1]
    failed = f"{len(visits.failed)} of {visits.good + len(visits.failed)} requests failed meanwhile"
    middle = statistics.median(seconds)
    return [Row(f"rollback to the first answer, p95 of {len(seconds)}; {failed}", f"{p95:.2f} s",
                f"median {middle:.2f} s", p95 / middle, "p95 < 1 s, 0 failed")]  # fmt: skip

"""What the runner makes of counters and of files that apps wrote."""

import io
import tarfile

from minispaces_runner.containers.measure import csv_files, used_of
from minispaces_runner.machine import busy_seconds, memory
from minispaces_runner.usage_teller import rows_of


def test_rows_carry_their_columns_names():
    assert rows_of(b'name,output\nada,"a, b"\n')[0].fields == (("name", "ada"), ("output", "a, b"))


def test_a_file_of_nonsense_is_bounded_and_breaks_nothing():
    assert rows_of(b"") == []
    assert rows_of(b"\xff\xfe\0\n\0,\0") != [None]
    assert rows_of(b'name\n"' + b"x" * 300_000) == []  # a field beyond the reader's limit
    row = rows_of(b"," * 500 + b"\n" + b"y," * 500)[0]
    assert len(row.fields) == 40


def test_only_the_newest_rows_are_told():
    rows = rows_of(b"n\n" + b"".join(b"%d\n" % number for number in range(1000)))
    assert (len(rows), rows[-1].fields) == (200, (("n", "999"),))


def test_an_archive_yields_ordinary_csv_files_alone():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, kind in (("flagged/dataset1.csv", tarfile.REGTYPE), ("flagged/log.csv", tarfile.SYMTYPE)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.size, entry.linkname = kind, 2 if kind == tarfile.REGTYPE else 0, "/etc/passwd"
            tar.addfile(entry, io.BytesIO(b"ab"))
    assert csv_files(packed.getvalue()) == [b"ab"]
    assert csv_files(packed.getvalue()[:300]) == []
    assert csv_files(b"") == []


def test_docker_counts_without_what_the_kernel_could_forget():
    used = used_of(
        {
            "cpu_stats": {"cpu_usage": {"total_usage": 2_000_000_000}},
            "memory_stats": {"usage": 100, "limit": 200, "stats": {"inactive_file": 30}},
            "networks": {"eth0": {"rx_bytes": 5, "tx_bytes": 7}},
        }
    )
    assert (used.cpu_seconds, used.memory, used.memory_limit, used.received, used.sent) == (2.0, 70, 200, 5, 7)


def test_the_machine_tells_of_itself():
    used, total = memory()
    assert 0 < used < total
    assert busy_seconds() > 0

#!/usr/bin/python3
"""Make a Debian image with Python from this very machine's packages, for places that reach no registry of images.

It stands in for `python:3.11-slim`: apt-get, pip and certificates work inside. On Debian 12:

    python3 deploy/base/make-base.py --tag minispaces/base:3.11-slim --tag python:3.11-slim

With mmdebstrap installed the packages are fetched from the machine's Debian mirror; without, the files of the
installed packages are taken, which is quicker. `--ca FILE` (default: $SSL_CERT_FILE) adds certificate authorities.
"""

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

NEEDED = ("python3", "ca-certificates")
WANTED = ("python3-pip", "python3-venv", "netbase", "tzdata", "curl", "git")
LEFT_OUT = re.compile(r"^/usr/share/(man|doc|locale|info|lintian)/|/EXTERNALLY-MANAGED$|/__pycache__/")
FOLDERS = (
    "/etc", "/tmp", "/var", "/run", "/proc", "/sys", "/dev", "/root", "/home", "/opt", "/srv", "/mnt",
    "/var/tmp", "/var/cache", "/var/log", "/var/lib", "/usr/local/bin", "/usr/local/share/ca-certificates",
    "/var/lib/dpkg/updates", "/var/lib/dpkg/triggers", "/var/lib/apt/lists/partial", "/var/cache/apt/archives/partial",
)  # fmt: skip
PLAIN_FILES = (
    "/etc/ld.so.cache", "/etc/nsswitch.conf", "/etc/debian_version", "/etc/apt/sources.list",
    "/etc/apt/sources.list.d/debian.sources", "/var/lib/dpkg/info/format",
)  # fmt: skip
INFO = ("list", "md5sums", "triggers", "shlibs", "symbols", "postinst", "prerm", "postrm", "preinst", "conffiles")
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
Package = dict[str, str]


def main() -> None:
    arguments = parse_arguments()
    with tempfile.NamedTemporaryFile(suffix=".tar") as file:
        path = Path(file.name)
        extra = extra_certificates(Path(arguments.ca)) if arguments.ca else []
        if shutil.which("mmdebstrap"):
            fetch_from_mirror(path, [*NEEDED, *WANTED, *arguments.package], extra)
        else:
            collect_from_host(path, arguments.package, extra)
        first, *others = arguments.tag
        import_image(path, first, arguments.docker, trust_bundle=bool(extra))
    for tag in others:
        subprocess.run([arguments.docker, "tag", first, tag], check=True)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tag", action="append", required=True, help="name of the image; may be repeated")
    parser.add_argument("--package", action="append", default=[], help="another Debian package to include")
    parser.add_argument("--ca", default=os.environ.get("SSL_CERT_FILE"), help="PEM file of extra authorities")
    parser.add_argument("--docker", default=shutil.which("docker") or "/usr/bin/docker", help="Docker's command line")
    return parser.parse_args()


def import_image(path: Path, tag: str, docker: str, *, trust_bundle: bool) -> None:
    changes = ['CMD ["python3"]', "ENV LANG=C.UTF-8", "LABEL minispaces.kind=base"]
    changes += ["ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    changes += ["ENV PIP_BREAK_SYSTEM_PACKAGES=1"]  # apt-get may bring Debian's EXTERNALLY-MANAGED back
    if trust_bundle:
        changes += [f"ENV {name}={BUNDLE}" for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT")]
    options = [part for change in changes for part in ("--change", change)]
    subprocess.run([docker, "import", *options, str(path), tag], check=True, stdout=subprocess.DEVNULL)
    print(f"{tag}: {path.stat().st_size / 1e6:.0f} MB")


# The machine's own packages


def collect_from_host(path: Path, more: list[str], authorities: list[str]) -> None:
    packages = installed_packages()
    names = closure(packages, [*NEEDED, *more, *(name for name in WANTED if name in packages)])
    missing = [name for name in WANTED if name not in packages]
    if missing:
        print(f"without {', '.join(missing)}: not installed here", file=sys.stderr)
    with tarfile.open(path, "w") as archive:
        root = Root(archive)
        write_files(root, sorted(names))
        write_state(root, packages, sorted(names))
        write_certificates(root, authorities)
        root.link("/usr/local/bin/python", "/usr/bin/python3")


def installed_packages() -> dict[str, Package]:
    """By name, as dpkg's status file has them, for this machine's architecture only."""
    here = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    found: dict[str, Package] = {}
    for paragraph in Path("/var/lib/dpkg/status").read_text().split("\n\n"):
        fields = dict(re.findall(r"^([A-Z][\w-]*): ?(.*)$", paragraph, re.MULTILINE))
        if fields.get("Status", "").endswith(" installed") and fields["Architecture"] in {here, "all"}:
            found[fields["Package"]] = {**fields, "Paragraph": paragraph.strip()}
    return found


def closure(packages: dict[str, Package], wanted: list[str]) -> set[str]:
    """The wanted packages, the essential ones, apt, and all that they depend on."""
    provided = {name: package for package, fields in packages.items() for name in words(fields.get("Provides", ""))}
    essential = [name for name, fields in packages.items() if fields.get("Essential") == "yes"]
    todo, done = [*wanted, *essential, "apt"], set[str]()
    while todo:
        name = todo.pop()
        if name in done:
            continue
        if name not in packages:
            sys.exit(f"{name} is not installed on this machine: apt-get install {name}")
        done.add(name)
        todo += dependencies(packages, provided, packages[name])
    return done


def dependencies(packages: dict[str, Package], provided: dict[str, str], fields: Package) -> Iterator[str]:
    text = ", ".join(part for part in (fields.get("Pre-Depends"), fields.get("Depends")) if part)
    for group in filter(None, text.split(",")):
        alternatives = [name for choice in group.split("|") for name in words(choice)]
        met = [name if name in packages else provided.get(name) for name in alternatives]
        yield from [name for name in met if name][:1]


def words(relation: str) -> list[str]:
    """Package names of a relation field, without versions and architectures."""
    return [re.split(r"[\s:(]", part.strip())[0] for part in relation.split(",") if part.strip()]


class Root:
    """A tar of this machine's root: each path once, its folders first, through the real folder of a merged /usr."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self._done: set[str] = set()

    def add(self, path: str) -> None:
        real = str(Path(path).parent.resolve() / Path(path).name)
        if real not in self._done and os.path.lexists(real):
            self._begin(real)
            self._archive.add(real, arcname="." + real, recursive=False)

    def text(self, path: str, text: str, *, mode: int = 0o644) -> None:
        self._begin(path)
        member = tarfile.TarInfo(f".{path}")
        member.size, member.mode = len(text.encode()), mode
        self._archive.addfile(member, io.BytesIO(text.encode()))

    def link(self, path: str, target: str) -> None:
        self._begin(path)
        member = tarfile.TarInfo(f".{path}")
        member.type, member.linkname, member.mode = tarfile.SYMTYPE, target, 0o777
        self._archive.addfile(member)

    def _begin(self, path: str) -> None:
        if Path(path).parent != Path("/"):
            self.add(str(Path(path).parent))
        self._done.add(path)


def write_files(root: Root, names: list[str]) -> None:
    listed = subprocess.run(["dpkg-query", "-L", *names], capture_output=True, text=True, check=False).stdout
    files = {
        path for path in listed.splitlines() if path.startswith("/") and path != "/." and not LEFT_OUT.search(path)
    }
    merged = [path for path in ("/bin", "/sbin", "/lib", "/lib64", "/lib32") if Path(path).is_symlink()]
    for path in (*merged, *FOLDERS, *sorted(files), *PLAIN_FILES, *alternatives(files), *info_files(names)):
        root.add(path)


def write_state(root: Root, packages: dict[str, Package], names: list[str]) -> None:
    """What dpkg and the C library must know: these packages, and Debian's own accounts; never this machine's people."""
    root.text("/var/lib/dpkg/status", "\n\n".join(packages[name]["Paragraph"] for name in names) + "\n")
    root.text("/var/lib/dpkg/available", "")
    masters = Path("/usr/share/base-passwd")
    passwd, group = ((masters / f"{name}.master").read_text().replace(":*:", ":x:") for name in ("passwd", "group"))
    passwd += "_apt:x:42:65534::/nonexistent:/usr/sbin/nologin\n"
    root.text("/etc/passwd", passwd)
    root.text("/etc/group", group)
    root.text("/etc/shadow", "".join(f"{name}:*:19000:0:99999:7:::\n" for name in first_fields(passwd)), mode=0o640)
    root.text("/etc/gshadow", "".join(f"{name}:*::\n" for name in first_fields(group)), mode=0o640)


def first_fields(text: str) -> list[str]:
    return [line.split(":")[0] for line in text.splitlines()]


def write_certificates(root: Root, extra: list[str]) -> None:
    """Put extra authorities where a later update-ca-certificates finds them too."""
    shipped = Path("/usr/share/ca-certificates")
    names = sorted(str(path.relative_to(shipped)) for path in shipped.rglob("*.crt"))
    root.text("/etc/ca-certificates.conf", "\n".join(names) + "\n")
    root.text(BUNDLE, "\n".join([*shipped_certificates(), *extra]) + "\n")
    for number, certificate in enumerate(extra):
        root.text(f"/usr/local/share/ca-certificates/extra-{number}.crt", certificate + "\n")


def alternatives(files: set[str]) -> Iterator[str]:
    """Links that update-alternatives and update-ca-certificates made, as far as their targets are in the image."""
    known = files | {f"/usr{path}" for path in files} | {path.removeprefix("/usr") for path in files}
    for folder in ("/etc/alternatives", "/usr/bin", "/usr/sbin", "/etc/ssl/certs"):
        for entry in Path(folder).iterdir():
            if entry.is_symlink() and str(entry) not in files and str(entry.resolve()) in known:
                yield str(entry)


def info_files(names: list[str]) -> Iterator[str]:
    folder = Path("/var/lib/dpkg/info")
    for name in names:
        yield from (str(path) for path in folder.glob(f"{name}.*") if path.suffix[1:] in INFO)
        yield from (str(path) for path in folder.glob(f"{name}:*.*") if path.suffix[1:] in INFO)


# From Debian's mirror


def fetch_from_mirror(path: Path, names: list[str], authorities: list[str]) -> None:
    """A RAM disk halves the time where there is one; manuals are left out."""
    release = re.search(r"VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text())
    left_out = [*(f"/usr/share/{name}/*" for name in ("man", "doc", "locale", "info")), "*/EXTERNALLY-MANAGED"]
    argv = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(names)}"]
    argv += [f"--dpkgopt=path-exclude={pattern}" for pattern in left_out]
    argv += ["--customize-hook=ln -s /usr/bin/python3 $1/usr/local/bin/python"]
    fast = {"TMPDIR": "/dev/shm"} if os.access("/dev/shm", os.W_OK) else {}
    with tempfile.TemporaryDirectory() as folder:
        for number, certificate in enumerate(authorities):
            (Path(folder) / f"extra-{number}.crt").write_text(certificate + "\n")
        argv += [f"--customize-hook=copy-in {folder}/. /usr/local/share/ca-certificates"] if authorities else []
        argv += ["--customize-hook=chroot $1 update-ca-certificates", release[1] if release else "stable", str(path)]
        subprocess.run(argv, check=True, env={**os.environ, **fast})


# Certificates


def shipped_certificates() -> list[str]:
    files = sorted(Path("/usr/share/ca-certificates").rglob("*.crt"))
    return [found for path in files for found in CERTIFICATE.findall(path.read_text())]


def extra_certificates(path: Path) -> list[str]:
    """Those of the file that Debian's ca-certificates does not have."""
    known = {"".join(certificate.split()) for certificate in shipped_certificates()}
    return [found for found in CERTIFICATE.findall(path.read_text()) if "".join(found.split()) not in known]


if __name__ == "__main__":
    main()

"""Which folders outside /usr an environment's Python needs to run."""

from pathlib import Path

from minispaces_runner.engine import EngineError

_MOST_BYTES = 65_536


def interpreter_prefixes(environment: Path, *, data: Path) -> tuple[Path, ...]:
    """The installation behind an environment, by every name that leads to it. Raises EngineError when it is gone.

    A package's data files land in the environment, so a hostile one can rewrite `pyvenv.cfg`: only what is a
    Python installation, and does not hold our data, is ever shown to an app.
    """
    named = [Path(home).parent for home in _homes(environment)]
    prefixes = {path for each in named for path in (each, each.resolve()) if is_installation(path)}
    if not prefixes:
        raise EngineError("The Python that this version was built with is gone from this machine; build it again.")
    return tuple(sorted(path for path in prefixes if _may_be_shown(path, data)))


def is_installation(prefix: Path) -> bool:
    return any(prefix.glob("lib/python3*/os.py")) and any(prefix.glob("bin/python3*"))


def _may_be_shown(prefix: Path, data: Path) -> bool:
    return not prefix.is_relative_to("/usr") and not data.is_relative_to(prefix)


def _homes(environment: Path) -> list[str]:
    """The `home` of pyvenv.cfg, and where the link of `bin/python` points first."""
    homes = []
    config = environment / "pyvenv.cfg"
    if config.is_file() and config.stat().st_size <= _MOST_BYTES:
        for line in config.read_text(errors="replace").splitlines():
            key, _, value = line.partition("=")
            if key.strip() == "home":
                homes.append(value.strip())
    link = environment / "bin" / "python"
    if link.is_symlink() and (target := link.readlink()).is_absolute():
        homes.append(str(target.parent))
    return homes

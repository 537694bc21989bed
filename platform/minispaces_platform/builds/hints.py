"""Failures that many have met before, and what to do about them. Pure.

What is quoted was printed by strangers: only short words of harmless letters get into a hint.
"""

import re
from collections.abc import Sequence
from itertools import islice

from minispaces_contract.logstream import clean

_LOOKED_AT = 200
_LINE_MAX = 2_000
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")

_PACKAGES = {
    "cv2": "opencv-python-headless", "PIL": "pillow", "sklearn": "scikit-learn", "yaml": "pyyaml",
    "bs4": "beautifulsoup4", "dotenv": "python-dotenv", "skimage": "scikit-image", "fitz": "pymupdf",
    "Crypto": "pycryptodome", "faiss": "faiss-cpu", "docx": "python-docx", "dateutil": "python-dateutil",
    "serial": "pyserial", "google.generativeai": "google-generativeai",
}  # fmt: skip
_LIBRARIES = {
    "libGL": "libgl1", "libgthread": "libglib2.0-0", "libglib": "libglib2.0-0", "libsndfile": "libsndfile1",
    "libgomp": "libgomp1", "libSM": "libsm6", "libXext": "libxext6", "libXrender": "libxrender1",
    "libportaudio": "libportaudio2", "libmagic": "libmagic1",
}  # fmt: skip

_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (
            r"invalid load key, 'v'",
            "A file is only its Git LFS pointer. Push the file itself: git lfs push --all origin main.",
        ),
        (
            r"(?:CUDA|HIP) out of memory|OutOfMemoryError",
            ("The GPU's memory is full. Use a smaller model or batch, or choose larger hardware under "
            "Settings."),
        ),
        (
            (r"MemoryError|Cannot allocate memory|out of memory|more memory than it may|\bKilled\b"
            r"|needs? \d+ GB of memory"),
            ("It needs more memory than this Space has. Load less at once, or choose larger hardware under "
            "Settings."),
        ),
        (
            r"No space left on device",
            "The disk is full. Keep less in the image, or ask an administrator for more room.",
        ),
        (
            r"(?:Address|address) already in use",
            ("Two servers want the same port. Start only one, on the port of PORT or app_port, and not again "
            "when a module is imported."),
        ),
        (
            r"nothing listens on port (\d{1,5})",
            ("Let the app listen on 0.0.0.0:{0}; on 127.0.0.1 nobody else reaches it. Another port goes into "
            "the README as app_port."),
        ),
        (
            r"KeyError: '([A-Z][A-Z0-9_]{1,60})'",
            ("The environment has no {0}. Add it under Settings as a variable, or as a secret if nobody may "
            "see it."),
        ),
        (
            r"(?:GatedRepoError|401 Client Error|403 Client Error).{0,200}huggingface",
            "The model needs an account that may load it. Add a token as the secret HF_TOKEN under Settings.",
        ),
        (
            r"(?:SyntaxError|IndentationError|TabError): ",
            ("Python cannot read the code; the line above names the file and where. Run the app once on your "
            "machine before you push."),
        ),
        (
            r"cannot import name '([\w.]{1,60})' from (?:partially initialized module )?'([\w.]{1,60})'",
            ("The installed version of {1} has no {0}. Pin the version you use on your machine in "
            "requirements.txt, such as {1}==1.2.3."),
        ),
        (
            r"requires[- ][Pp]ython|Requires-Python|does not satisfy Python",
            ("A package needs another Python. Set python_version in the README's front matter, such as "
            'python_version: "3.11".'),
        ),
        (
            r"(?:No solution found|ResolutionImpossible|conflicting dependencies|are incompatible)",
            ("Two requirements exclude each other. Leave versions open that need not be exact, above all of "
            "packages that others bring along."),
        ),
        (
            (r"(?:No matching distribution found for|there is no package named"
            r"|not found in the package registry)[: ]+([A-Za-z0-9](?:[\w.-]{0,58}[A-Za-z0-9])?)"),
            ("There is no package {0}. Check how it is spelt on pypi.org; what you import may be called "
            "otherwise there."),
        ),
        (
            r"(?:was|were) not found in the (?:package )?registry",
            "A package of requirements.txt does not exist. Check how it is spelt on pypi.org.",
        ),
        (
            (r"(?:gcc|cc|g\+\+|cmake|cargo|ninja)\W? ?(?:failed|: not found|: command not found)"
            r"|error: command '[\w/+-]*(?:gcc|g\+\+|cmake)"),
            ("A package is compiled here and something for that is missing. Choose a version with a ready "
            "wheel, or add build-essential to packages.txt."),
        ),
        (
            r"(?:^|\s|')([a-z][a-z0-9_+-]{1,30})'?: (?:command )?not found",
            "There is no program {0} here. Add the Debian package that brings it to packages.txt.",
        ),
        (
            r"No such file or directory: '(ffmpeg|ffprobe|git|tesseract|pdftoppm|wget|curl)'",
            "There is no program {0} here. Add the Debian package that brings it to packages.txt.",
        ),
        (
            r"No such file or directory: '([\w./ -]{1,120})'",
            ("{0} is not in the repository, or is called otherwise there. Paths begin at /home/user/app, and "
            "large and small letters differ."),
        ),
        (
            r"PermissionError: \[Errno 13\]",
            "The app may not write there. It may write below /home/user, /tmp and /data.",
        ),
        (
            r"Read-only file system",
            "The app may not write there. It may write below /home/user, /tmp and /data.",
        ),
        (
            (r"Temporary failure in name resolution|Name or service not known|Max retries exceeded"
            r"|Network is unreachable"),
            ("An address could not be reached from here. Check it, or ask an administrator whether this "
            "installation may go out to it."),
        ),
    )
)  # fmt: skip
_MODULE = re.compile(r"No module named '([\w.]{1,80})'")
_LIBRARY = re.compile(r"(lib[A-Za-z]{1,30})[\w.+-]{0,30}: cannot open shared object file")


def hint_of(lines: Sequence[str]) -> str:
    """For the last line that is known to us; empty where none is."""
    for line in islice(reversed(lines), _LOOKED_AT):
        if found := _hint(_COLOUR.sub("", clean(line[:_LINE_MAX]))):
            return found
    return ""


def _hint(line: str) -> str:
    if module := _MODULE.search(line):
        return _missing_module(module[1])
    if library := _LIBRARY.search(line):
        package = _LIBRARIES.get(library[1])
        what = (
            f"Add {package} to packages.txt." if package else "Add the Debian package that brings it to packages.txt."
        )
        return f"A package needs the system's library {library[1]}. {what}"
    return next((words.format(*found.groups()) for rule, words in _RULES if (found := rule.search(line))), "")


def _missing_module(module: str) -> str:
    known = _PACKAGES.get(module) or _PACKAGES.get(module.partition(".")[0])
    package = known or module.partition(".")[0].replace("_", "-")
    doubt = "" if known else " If it is a file of yours, check that it was pushed and how it is spelt."
    return f"The app imports {module}, which is not installed. Add {package} to requirements.txt.{doubt}"

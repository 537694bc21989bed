"""What a variable or secret may be called and hold. Pure."""

import re

from minispaces_platform.errors import InvalidError

NAME_MAX = 128
VALUE_MAX = 16 * 1024
TOTAL_MAX = 256 * 1024
"""Bytes of all values of a Space together: a kernel takes no more than some of them at a start."""
MOST = 100

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_RESERVED = frozenset(
    {"ACCELERATOR", "CPU_CORES", "HOME", "HOSTNAME", "LOGNAME", "MEMORY", "OPENID_PROVIDER_URL", "PATH", "PORT", "PWD"}
    | {"SHELL", "SYSTEM", "USER", "GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT", "GRADIO_NUM_PORTS"}
)
_RESERVED_BEGINNINGS = ("SPACE_", "SPACES_", "OAUTH_", "MINISPACES_", "BUILDKIT_")


def check_variable_name(name: str) -> str:
    """Raises InvalidError for what no program can ask for, and for names that the hub gives itself."""
    if not _NAME.fullmatch(name) or len(name) > NAME_MAX:
        raise InvalidError(
            f"{name[:80]!r} cannot be the name of a variable.",
            hint=f"Letters, digits and '_', not beginning with a digit; {NAME_MAX} at most. Like MODEL_NAME.",
        )
    if name.upper() in _RESERVED or name.upper().startswith(_RESERVED_BEGINNINGS):
        raise InvalidError(f"{name} is set by Minispaces itself.", hint="Choose another name.")
    return name


def check_value(value: str, *, others: int) -> str:
    """`others` are the bytes that the Space's other values have. Raises InvalidError."""
    value = value.replace("\r\n", "\n")
    length = len(value.encode())
    if not value:
        raise InvalidError("A value is needed.", hint="To get rid of a variable, remove it.")
    if "\0" in value:
        raise InvalidError("A value cannot hold a NUL byte.", hint="Encode it as base64.")
    if length > VALUE_MAX:
        raise InvalidError(f"A value may have {VALUE_MAX // 1024} kB.", hint="Put a file into the repository instead.")
    if others + length > TOTAL_MAX:
        raise InvalidError(f"All values together may have {TOTAL_MAX // 1024} kB.", hint="Remove what is not needed.")
    return value

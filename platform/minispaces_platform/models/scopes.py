"""What a credential may be used for."""

from enum import StrEnum


class Scope(StrEnum):
    READ = "read"
    WRITE = "write"

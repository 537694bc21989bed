"""What somebody may do in a namespace or with a Space, and who may see a Space at all. The Hub's words."""

from enum import StrEnum


class Role(StrEnum):
    """Ordered: each may what the ones before it may. A contributor makes Spaces and changes only those."""

    READ = "read"
    CONTRIBUTOR = "contributor"
    WRITE = "write"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    def covers(self, other: "Role") -> bool:
        return self.rank >= other.rank


class Visibility(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"
    PRIVATE = "private"
    PROTECTED = "protected"

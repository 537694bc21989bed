"""Defining flavours, saying who may have which, and giving one to a Space."""

import re

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from minispaces_contract.messages import Hardware
from minispaces_platform.access import PLATFORM, Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.builds import service as builds
from minispaces_platform.database import now
from minispaces_platform.deployments import service as deployments
from minispaces_platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from minispaces_platform.hardware.queries import admits, list_flavours, read_offer
from minispaces_platform.models.hardware import Flavour, HardwareRule, Names
from minispaces_platform.models.namespaces import Namespace
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def get_flavour(session: Session, name: str, *, owner: Namespace | None = None) -> Hardware:
    """What `owner` may choose, or anybody. Raises InvalidError, and ForbiddenError for what is not for them."""
    flavour = session.get(Flavour, name)
    if flavour is None or flavour.retired_at is not None:
        words = f"There is no hardware {name[:63]!r}." if flavour is None else f"{name} is no longer offered."
        raise InvalidError(words, hint=f"Choose one of {_choices(session, owner)}.")
    if owner is not None and not admits(session.get(HardwareRule, owner.id), flavour):
        raise ForbiddenError(
            f"Spaces of {owner.name} may not have the hardware {name}.",
            hint=f"Choose one of {_choices(session, owner)}, or ask an administrator of this installation for it.",
        )
    return flavour.hardware


def _choices(session: Session, owner: Namespace | None) -> str:
    found = read_offer(session, owner).choices(owner) if owner else list_flavours(session)
    return ", ".join(each.name for each in found if each.retired_at is None)


def set_hardware(session: Session, actor: Actor, space: Space, *, hardware: Hardware) -> None:
    """Holds from the next start on."""
    audit.record(session, actor, "space.hardware", space, before=space.hardware.name, after=hardware.name)
    space.hardware = hardware


def change_hardware(session: Session, parts: Parts, actor: Actor, space: Space, *, hardware: Hardware) -> None:
    """And restart the app; with or without GPUs it needs another base image, and so another build."""
    if hardware == space.hardware:
        return
    rebuild = bool(hardware.gpus) is not bool(space.hardware.gpus)
    set_hardware(session, actor, space, hardware=hardware)
    session.flush()
    if rebuild:
        builds.build_again(session, parts, space)
    else:
        deployments.restart_if_wanted(session, parts, space)


def save_flavour(session: Session, actor: Actor, hardware: Hardware, *, label: str, is_open: bool) -> None:
    """A new flavour, or other figures for one: the Spaces that have it get them at their next start."""
    if not _NAME.fullmatch(hardware.name):
        raise InvalidError(
            f"{hardware.name[:63]!r} is no name for hardware.", hint="Small letters, digits and '-', such as t4-small."
        )
    before = session.get(Flavour, hardware.name)
    session.merge(
        Flavour(
            name=hardware.name, label=label.strip()[:60] or hardware.name, hardware=hardware, is_open=is_open,
            retired_at=before.retired_at if before else None,
        )
    )  # fmt: skip
    session.execute(update(Space).where(Space.hardware_name == hardware.name).values(hardware=hardware))
    figures = hardware.model_dump(exclude={"name"})
    audit.record(
        session, actor, "hardware.change" if before else "hardware.add", PLATFORM, flavour=hardware.name, **figures
    )


def retire_flavour(session: Session, actor: Actor, name: str, *, retired: bool) -> None:
    """Nobody chooses it any more; the Spaces that have it keep it."""
    flavour = find_flavour(session, name)
    flavour.retired_at = now() if retired else None
    audit.record(session, actor, "hardware.retire" if retired else "hardware.offer", PLATFORM, flavour=name)


def delete_flavour(session: Session, actor: Actor, name: str) -> None:
    """Raises ConflictError while a Space or a rule has it."""
    flavour = find_flavour(session, name)
    spaces = session.scalar(select(func.count()).select_from(Space).where(Space.hardware_name == name)) or 0
    if spaces:
        raise ConflictError(
            f"{spaces} Space{'' if spaces == 1 else 's'} ha{'s' if spaces == 1 else 've'} the hardware {name}.",
            hint="Retire it instead: nobody chooses it any more, and they keep it.",
        )
    if owner_id := session.scalar(select(HardwareRule.namespace_id).where(HardwareRule.default == name).limit(1)):
        owner = session.get_one(Namespace, owner_id)
        raise ConflictError(f"New Spaces of {owner.name} begin with {name}.", hint="Give them another default first.")
    session.delete(flavour)
    audit.record(session, actor, "hardware.delete", PLATFORM, flavour=name)


def find_flavour(session: Session, name: str) -> Flavour:
    if flavour := session.get(Flavour, name):
        return flavour
    raise NotFoundError(f"There is no hardware {name[:63]!r}.")


def set_rule(
    session: Session, actor: Actor, namespace: Namespace, *, default: str | None, allowed: tuple[str, ...] | None
) -> None:
    """Spaces keep what they have; only what is chosen from now on is held against the rule."""
    for name in (*(allowed or ()), *([default] if default else [])):
        find_flavour(session, name)
    if default and allowed is not None and default not in allowed:
        raise InvalidError(f"{default} is not among the hardware that they may have.", hint="Tick it as well.")
    if default is None and allowed is None:
        if known := session.get(HardwareRule, namespace.id):
            session.delete(known)
    else:
        names = Names(names=allowed) if allowed is not None else None
        session.merge(HardwareRule(namespace_id=namespace.id, default=default, allowed=names))
    audit.record(session, actor, "hardware.rule", namespace, default=default, allowed=allowed)

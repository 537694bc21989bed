"""What the stages mean to programs. Pure."""

from minispaces_contract.states import Stage

OPENS = frozenset({Stage.RUNNING, Stage.RUNNING_BUILDING, Stage.RUNNING_APP_STARTING, Stage.SLEEPING})
"""A visitor gets the app."""
LASTS = frozenset({Stage.BUILDING, Stage.RUNNING_BUILDING, Stage.APP_STARTING, Stage.RUNNING_APP_STARTING})
"""Passes by itself."""
FAILED = frozenset({Stage.CONFIG_ERROR, Stage.BUILD_ERROR, Stage.RUNTIME_ERROR})

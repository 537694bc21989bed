"""Stages in people's words: the badge and one sentence."""

from dataclasses import dataclass
from typing import Literal

from minispaces_contract.states import Stage

Tone = Literal["good", "busy", "bad", "quiet"]


@dataclass(frozen=True, slots=True)
class StageWords:
    label: str
    tone: Tone
    sentence: str


WORDS = {
    Stage.NO_APP_FILE: StageWords("No app yet", "quiet", "There is nothing to run yet."),
    Stage.CONFIG_ERROR: StageWords("Config error", "bad", "The README's front matter cannot be used."),
    Stage.BUILDING: StageWords("Building", "busy", "A version is being built; until then nothing answers."),
    Stage.BUILD_ERROR: StageWords("Build failed", "bad", "The newest version could not be built."),
    Stage.APP_STARTING: StageWords("Starting", "busy", "The app is starting; it answers in a moment."),
    Stage.RUNNING: StageWords("Running", "good", "The app answers."),
    Stage.RUNNING_BUILDING: StageWords("Updating", "busy", "The app answers while a new version is being built."),
    Stage.RUNNING_APP_STARTING: StageWords("Updating", "busy", "The app answers while a new version starts beside it."),
    Stage.RUNTIME_ERROR: StageWords("App failed", "bad", "The newest version did not start, or stopped by itself."),
    Stage.SLEEPING: StageWords("Sleeping", "quiet", "Nobody uses the app; it wakes when somebody opens it."),
    Stage.STOPPED: StageWords("Stopped", "quiet", "The app does not run, or its build was cancelled."),
    Stage.PAUSED: StageWords("Stopped", "quiet", "Somebody stopped the app: it wakes for nobody until it is started."),
}
TAKEN_DOWN = StageWords("Taken down", "bad", "An administrator of this installation closed the app.")

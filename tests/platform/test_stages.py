"""Every word for a Space, from every build, newest deployment, and whether another one serves."""

from itertools import product

import pytest

from minispaces_contract.states import BuildStatus, DesiredState, InstanceStatus, Stage
from minispaces_platform.spaces.stage import Facts, stage_of
from minispaces_platform.spaces.words import WORDS

WANTED, UNWANTED = DesiredState
BUSY = (BuildStatus.QUEUED, BuildStatus.BUILDING)
DONE = (BuildStatus.SUCCEEDED, BuildStatus.CANCELLED)
DEPLOYED = [None, *product(InstanceStatus, DesiredState)]
OF_A_DEPLOYMENT = {
    # newest:                            (another serves, none does)
    None: (Stage.STOPPED, Stage.STOPPED),
    (InstanceStatus.STARTING, WANTED): (Stage.RUNNING_APP_STARTING, Stage.APP_STARTING),
    (InstanceStatus.RUNNING, WANTED): (Stage.RUNNING, Stage.RUNNING),
    (InstanceStatus.SLEEPING, WANTED): (Stage.SLEEPING, Stage.SLEEPING),
    (InstanceStatus.STOPPED, WANTED): (Stage.STOPPED, Stage.STOPPED),
    (InstanceStatus.FAILED, WANTED): (Stage.RUNTIME_ERROR, Stage.RUNTIME_ERROR),
    (InstanceStatus.STARTING, UNWANTED): (Stage.PAUSED, Stage.PAUSED),
    (InstanceStatus.RUNNING, UNWANTED): (Stage.PAUSED, Stage.PAUSED),
    (InstanceStatus.SLEEPING, UNWANTED): (Stage.PAUSED, Stage.PAUSED),
    (InstanceStatus.STOPPED, UNWANTED): (Stage.PAUSED, Stage.PAUSED),
    (InstanceStatus.FAILED, UNWANTED): (Stage.RUNTIME_ERROR, Stage.RUNTIME_ERROR),
}


@pytest.mark.parametrize("newest", DEPLOYED)
@pytest.mark.parametrize("build", DONE)
def test_after_a_build_the_newest_deployment_decides(build, newest):
    said = tuple(stage_of(Facts(build, newest=newest, serving=serving)) for serving in (True, False))
    assert said == OF_A_DEPLOYMENT[newest]


@pytest.mark.parametrize("newest", DEPLOYED)
@pytest.mark.parametrize("build", BUSY)
def test_a_build_decides_while_it_lasts_also_of_an_artifact_that_was_collected(build, newest):
    assert stage_of(Facts(build, newest=newest)) is Stage.BUILDING
    assert stage_of(Facts(build, newest=newest, serving=True)) is Stage.RUNNING_BUILDING


@pytest.mark.parametrize("word", [Stage.NO_APP_FILE, Stage.CONFIG_ERROR, Stage.BUILD_ERROR, None])
def test_a_failed_build_has_the_builders_word(word):
    for newest, serving in product(DEPLOYED, (True, False)):
        assert stage_of(Facts(BuildStatus.FAILED, word, newest, serving=serving)) is (word or Stage.BUILD_ERROR)


def test_a_space_without_a_build_has_no_app():
    assert stage_of(Facts()) is Stage.NO_APP_FILE


def test_every_word_can_be_said_and_has_a_badge():
    facts = [Facts(), *(Facts(BuildStatus.FAILED, word) for word in (Stage.NO_APP_FILE, Stage.CONFIG_ERROR))]
    facts += [Facts(b, newest=n, serving=s) for b, n, s in product(BuildStatus, DEPLOYED, (True, False))]
    assert {stage_of(each) for each in facts} == set(Stage) == set(WORDS)

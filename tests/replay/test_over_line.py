"""The same fixtures in real time over real lines come to the same as in virtual time."""

from pathlib import Path

import pytest
from recordings import FIXTURES
from short_fixtures import HUMAN, KEYS, NUMBER_AND_HANG_UP, Write

from voicebot.replay import Rehearsal, Via, gist, replay_all, timeline
from voicebot.telephony import AsteriskInstall

pytestmark = pytest.mark.asterisk

CALLS = {
    "mens": f"line: {{echo_db: -30, snr_db: 30, noise: white}}\n{HUMAN}",
    "toetsen": KEYS,
    "nummer": f'caller_number: "0612345678"\n{NUMBER_AND_HANG_UP}',
}


@pytest.mark.parametrize("via", ["audiosocket", "asterisk"])
def test_real_lines_agree_with_the_direct_one(
    asterisk_install: AsteriskInstall, rehearsal: Rehearsal, write: Write, work: Path, via: Via
) -> None:
    files = [write(name, body) for name, body in CALLS.items()]
    for result in replay_all(files, work, via=via, jobs=len(files)):
        assert result.passed, timeline(result)
        direct = rehearsal.run(result.file)
        assert gist(result.replayed) == gist(direct.replayed)
        assert result.replayed.context == _with_call_id(direct.replayed.context, result.replayed.context)
        assert len(result.replayed.said) == len(result.replayed.heard)
        assert abs(result.replayed.seconds - direct.replayed.seconds) < 3
        assert [entry.seq for entry in result.replayed.entries] == [
            *range(1, len(result.replayed.entries) + 1)
        ]


EIGHT = [
    "annuleren",
    "buiten_het_onderwerp",
    "klacht",
    "medewerker_bij_opening",
    "medewerker_tijdens_begroeting",
    "ophangen_tijdens_begroeting",
    "toets_nul_tijdens_begroeting",
    "tot_ziens_bij_opening",
]
"""Of the library, those that are over soonest."""


def test_eight_of_the_library_come_to_the_same_over_asterisk(
    asterisk_install: AsteriskInstall, rehearsal: Rehearsal, work: Path
) -> None:
    for result in replay_all([FIXTURES / f"{name}.yaml" for name in EIGHT], work, via="asterisk", jobs=4):
        assert result.passed, timeline(result)
        assert gist(result.replayed) == gist(rehearsal.run(result.file).replayed)


def _with_call_id(direct: dict[str, str], real: dict[str, str]) -> dict[str, str]:
    """Return the context as it would be for the call id that Asterisk gave."""
    return {name: real[name] if "CALL" in name else value for name, value in direct.items()}

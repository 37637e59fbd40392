import pytest

from voicebot.telephony.installation import AsteriskInstall, find_asterisk


@pytest.fixture(scope="session")
def asterisk_install() -> AsteriskInstall:
    install = find_asterisk()
    assert install, "no Asterisk here; run scripts/install-asterisk .asterisk"
    assert install.missing_modules() == []
    return install

"""The telephone: a call's sound and control over it, Asterisk around it, and a SIP phone to try it."""

from voicebot.telephony.asterisk import LocalAsterisk, Ports, SiteSettings, free_port
from voicebot.telephony.audiosocket import AudioSocketServer, listen
from voicebot.telephony.dialplan import (
    URGENT,
    AgentCodes,
    DeskAgent,
    DialplanSettings,
    penalties,
    read_manager_secret,
    write_dialplan,
)
from voicebot.telephony.installation import MIN_VERSION, AsteriskInstall, find_asterisk, inspect_asterisk
from voicebot.telephony.legs import callback_leg, first_leg, is_callback_leg
from voicebot.telephony.manager import ManagerClient, ManagerControl
from voicebot.telephony.memory import MemoryControl, MemoryLine
from voicebot.telephony.open_hours import OpenHours
from voicebot.telephony.phone import PhoneCall, SipPhone
from voicebot.telephony.queue_prompts import QUEUE_PROMPTS
from voicebot.telephony.sip import display_name, parse_uri
from voicebot.telephony.transport import (
    AudioReceived,
    CallControl,
    CallTransport,
    KeyReceived,
    LineClosed,
    Received,
)
from voicebot.telephony.values import clean_value

__all__ = [
    "MIN_VERSION",
    "QUEUE_PROMPTS",
    "URGENT",
    "AgentCodes",
    "AsteriskInstall",
    "AudioReceived",
    "AudioSocketServer",
    "CallControl",
    "CallTransport",
    "DeskAgent",
    "DialplanSettings",
    "KeyReceived",
    "LineClosed",
    "LocalAsterisk",
    "ManagerClient",
    "ManagerControl",
    "MemoryControl",
    "MemoryLine",
    "OpenHours",
    "PhoneCall",
    "Ports",
    "Received",
    "SipPhone",
    "SiteSettings",
    "callback_leg",
    "clean_value",
    "display_name",
    "find_asterisk",
    "first_leg",
    "free_port",
    "inspect_asterisk",
    "is_callback_leg",
    "listen",
    "parse_uri",
    "penalties",
    "read_manager_secret",
    "write_dialplan",
]

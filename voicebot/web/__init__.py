"""What people see of voicebot in a browser, and order there; runs in a process of its own."""

from voicebot.web.access import Access, Role
from voicebot.web.app import Readiness, create_app
from voicebot.web.board import Board, HandedOver, HungUpAngry, ToCallBack
from voicebot.web.commands import Commands
from voicebot.web.finder import CallFinder
from voicebot.web.handover import Desk
from voicebot.web.live import LiveCall, LiveCalls

__all__ = [
    "Access",
    "Board",
    "CallFinder",
    "Commands",
    "Desk",
    "HandedOver",
    "HungUpAngry",
    "LiveCall",
    "LiveCalls",
    "Readiness",
    "Role",
    "ToCallBack",
    "create_app",
]

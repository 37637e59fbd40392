"""Short calls: the body of a fixture for each thing that can happen in one."""

from collections.abc import Callable
from pathlib import Path

Write = Callable[[str, str], Path]
"""(name, body) -> a webshop fixture's file."""

HUMAN = """\
turns:
  - caller: {wav: m1_medewerker.flac, at: 3s}
    expect: {intent: human, says: ik verbind u door, outcome: transferred}
after: {outcome: transferred, reason: asked_for_human, context: {VB_REASON: asked_for_human}}
"""
KEYS = """\
turns:
  - caller: {keys: "0", at: 2s}
    expect: {event: KeyPressed, says: ik verbind u door, reason: asked_for_human}
after: {outcome: transferred}
"""
HANG_UP = """\
turns:
  - caller: {hangs_up: true, at: 2s}
    expect: {event: CallerHungUp, outcome: abandoned}
after: {events: [CallStarted, PromptStarted, CallerHungUp, CallEnded]}
"""
GOODBYE = """\
turns:
  - caller: {wav: f2_tot_ziens.flac}
    expect: {intent: goodbye}
after: {outcome: contained}
"""
ORDER_TURNS = """\
turns:
  - caller: {wav: waar_is_bestelling_12345.flac}
    expect: {intent: order_status, slots: {order_number: "12345"}}
  - caller: {wav: vijf_zes_een_een_b_j.flac}
    expect: {slots: {postcode: 5611BJ}}
  - caller: {hangs_up: true, after: 9s}
"""
NUMBER_AND_HANG_UP = """\
turns:
  - caller: {wav: waar_is_bestelling_12345.flac}
    expect: {intent: order_status, slots: {order_number: "12345"}, says: wat is uw postcode}
  - caller: {hangs_up: true, at: 500ms}
    expect: {event: CallerHungUp, outcome: abandoned}
"""
NOISY = """\
line: {codec: ulaw, noise: white, snr_db: 25, echo_db: -35, loss_percent: 2}
turns:
  - caller: {wav: f4_medewerker.flac}
after: {outcome: transferred}
"""

"""The fixture that a tester begins with: it passes as it is, and explains every key."""

from __future__ import annotations

import json
from typing import Final

_HEAD: Final = """\
# A fixture: what a caller does, on which line, and what should come of it.
# Replay it with `voicebot replay {file}`. Every key is explained in docs/tester.md.

call: Mijn eerste fixture               # what this call is about; also the seed of everything random in it
bot: {bot}                            # a shipped bot, or the folder of yours
clock: 2026-11-20T10:15:00+01:00        # the date and time of the call; with a time zone
# caller_number: "0612345678"           # what the caller's telephone tells; left out: nothing
# purpose: callback                     # the caller got no human, and is brought back to leave a number

line:                                   # the line from the caller to the bot
  codec: alaw                           # alaw, ulaw, gsm or none
  band: true                            # only 300-3400 Hz gets through, as on a telephone
  # noise: white                        # background: white, or a recording
  # snr_db: 20                          # how far the speech is above that noise
  # echo_db: -30                        # the bot's own voice coming back, so much softer
  # echo_ms: 120                        # and so much later
  # loss_percent: 2                     # frames that never arrive
  # loss_burst: 2                       # so many at once
  # level_db: 0                         # louder or softer than recorded

"""

_WEBSHOP: Final = """\
backend:                                # the company's systems during this call
  orders:                               # the shop's orders; left out: the forty of the demo shop
    - {number: "38512", postcode: "5611BJ", status: onderweg, delivery_in_days: 0, window: "14:00-16:00"}
  delay_ms: 120                         # how long they take to answer
  # fault: error                        # or they fail: error, or answer nonsense

turns:                                  # in order; each waits for the bot
  - caller:                             # does one thing: text, wav, keys, silent or hangs_up
      text: waar is mijn bestelling     # said by a synthetic voice; or `wav: FILE` beside this one
      voice: nl+f2                      # nl, or a variant of it: nl+f1 to nl+f5, nl+m1 to nl+m8
      rate_wpm: 150                     # words per minute, 80 to 300
      after: 700ms                      # once the bot has been quiet so long
      # at: 1.2s                        # instead: so long after the bot began to speak, which interrupts it
    expect:                             # between this turn and the next
      intent: order_status              # what the bot understood; `no-match` for nothing
      says: Wat is uw bestelnummer      # words of the bot, or a list: [..., ...]
      says_not: postcode                # words it must not say
      within_ms: 1000                   # from the caller's last sound to the bot's first

  - caller: {keys: "38512"}             # keys pressed
    expect: {slots: {order_number: "38512"}, says: Wat is uw postcode}

  - caller: {text: vijf zes een een b j}
    expect:
      slots: {postcode: 5611BJ}         # the values it heard
      says: [tussen twee uur en vier uur, Kan ik nog iets anders voor u doen]  # as they are spoken: not 14:00

"""
_OTHER: Final = """\
# backend: {delay_ms: 120, fault: error}  # the company's systems are slow, or fail

turns:                                  # in order; each waits for the bot
"""

_HUMAN: Final = """\
  - caller: {text: ik wil graag een medewerker spreken}
    expect:
      intent: human
      event: ContextDelivered           # something that happens, by its name in voicebot/events.py
      outcome: transferred              # how the call ends: contained, transferred or abandoned
      reason: asked_for_human           # why a human was brought in

# A turn can also be `caller: {silent: 3s}` or `caller: {hangs_up: true}`, or only an `expect`: what the bot
# does by itself.

after:                                  # when the call is over
  outcome: transferred
  reason: asked_for_human
{webshop}  events: [CallStarted, IntentRecognised, CallEnded]  # these happen in this order, others in between
  counts: {Transfer: 1, BackendFailed: 0}  # they happen so often; or `at most 2`
  ends_within: 60s
  context: {VB_REASON: asked_for_human}  # channel variables that the agent's side gets
  record: {redacted: true}              # no value that the caller gave stands in the stored log
"""
_WEBSHOP_AFTER: Final = """\
  intent: order_status                  # what the agent is told the caller came for
  says: {Wat is uw bestelnummer: at most 2}  # the bot says these words so often
  backend:                              # what the company's systems hold now
    unchanged: true                     # all as it was
    orders: {"38512": {status: onderweg}}  # or only this about these orders
"""


def starter(bot: str, file: str) -> str:
    """Return a commented fixture (YAML) for `bot`, to be kept as `file`.

    For the shipped webshop it asks for an order; for another bot it asks for a human, as every bot knows how.
    """
    head = _HEAD.replace("{bot}", json.dumps(bot)).replace("{file}", file)
    webshop = bot == "webshop"
    middle = _WEBSHOP if webshop else _OTHER
    return head + middle + _HUMAN.replace("{webshop}", _WEBSHOP_AFTER if webshop else "")

"""Proof that the demo call went as it should, and the files it leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from voicebot.audio import write_audio
from voicebot.demo.performance import Performance
from voicebot.demo.show import Check, describe
from voicebot.event_json import encode
from voicebot.events import IntentRecognised, Message, PromptFinished, PromptStarted, Transfer

LIKENESS = 0.6
"""Normalised correlation from which a recording counts as heard: A-law leaves 0.99, another voice 0.1."""


def check(
    performance: Performance,
    *,
    agent_said: NDArray[np.int16] | None,
    caller_replied: NDArray[np.int16] | None,
) -> list[Check]:
    """Return every check of the demo call; those of the agent only where there was one."""
    messages = [entry.message for entry in performance.entries]
    checks = list(_dialogue_checks(messages))
    if performance.agent_headers is not None:
        headers = performance.agent_headers
        shown = ", ".join(f"{name}: {value}" for name, value in headers.items())
        checks.append(
            Check("the agent's INVITE carried reason, intent, call and page", all(headers.values()), shown)
        )
    if performance.briefing is not None and performance.agent_heard is not None:
        told = likeness(performance.agent_heard, performance.briefing)
        overheard = likeness(performance.recording[:, 1], performance.briefing)
        checks.append(
            Check(
                "the agent was told first what it is about, and the caller did not hear that",
                told >= LIKENESS > overheard,
                f"likeness {told:.2f} and {overheard:.2f}",
            )
        )
    for what, heard, said in (
        ("the caller heard the agent", performance.recording[:, 1], agent_said),
        ("the agent heard the caller", performance.agent_heard, caller_replied),
    ):
        if heard is not None and said is not None:
            alike = likeness(heard, said)
            checks.append(Check(what, alike >= LIKENESS, f"likeness {alike:.2f}"))
    return checks


def _dialogue_checks(messages: Sequence[Message]) -> Iterator[Check]:
    finished = {message.prompt for message in messages if isinstance(message, PromptFinished)}
    prompts = [message for message in messages if isinstance(message, PromptStarted)]
    disclosed = [prompt for prompt in prompts if prompt.name == "disclosure" and prompt.prompt in finished]
    yield Check(
        "the machine said that it is one", bool(disclosed), disclosed[0].template if disclosed else "-"
    )
    intents = [message for message in messages if isinstance(message, IntentRecognised)]
    named = ", ".join(intent.intent for intent in intents)
    yield Check("the order was asked for", any(i.intent == "order_status" for i in intents), named)
    slots = {name: str(value) for intent in intents for name, value in intent.slots.items()}
    yield Check(
        "number and postcode were understood", {"order_number", "postcode"} <= slots.keys(), str(slots)
    )
    answers = [prompt.template for prompt in prompts if prompt.name == "order_status.say"]
    yield Check("the order was looked up and told", bool(answers), answers[0] if answers else "-")
    reasons = [message.reason for message in messages if isinstance(message, Transfer)]
    yield Check(
        "transferred to a human as asked", reasons == ["asked_for_human"], f"transferred: reason={reasons}"
    )


def likeness(heard: NDArray[np.int16], said: NDArray[np.int16]) -> float:
    """Return how surely `said` is somewhere in `heard`: the peak of the normalised correlation, 0..1."""
    if len(heard) < len(said) or not len(said):
        return 0.0
    x, y = heard.astype(np.float64), said.astype(np.float64)
    peaks = fftconvolve(x, y[::-1], mode="valid")
    energy = np.concatenate([[0.0], np.cumsum(x * x)])
    window = np.maximum(energy[len(y) :] - energy[: -len(y)], 1.0)
    return float(np.max(np.abs(peaks) / np.sqrt(window * max(float(y @ y), 1.0))))


def write_proof(out: Path, performance: Performance, checks: Sequence[Check]) -> list[Path]:
    """Leave the recording (stereo: caller left, heard right), the redacted events and a summary in `out`."""
    out.mkdir(parents=True, exist_ok=True)
    files = [out / "call.wav", out / "events.jsonl", out / "summary.md"]
    write_audio(files[0], performance.recording)
    lines = (
        {"call_id": entry.call_id, "seq": entry.seq, "at_ms": entry.at_ms, "message": encode(entry.message)}
        for entry in performance.entries
    )
    files[1].write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    files[2].write_text(_summary(performance, checks))
    return files


def _summary(performance: Performance, checks: Sequence[Check]) -> str:
    marks = "\n".join(f"- {'[x]' if each.holds else '[ ]'} {each.what}: {each.detail}" for each in checks)
    lines = []
    for entry in performance.entries:
        if (line := describe(entry.message)) is not None:
            who, text, _ = line
            lines.append(f"| {entry.at_ms / 1000:.1f} | {who} | {text} |")
    return f"""# The demo call

{marks}

Personal values are shown as tokens, as they are stored.

| s | who | what |
| --- | --- | --- |
{chr(10).join(lines)}
"""

"""What tests of agents and supervisors share."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
from sites import Samples, Site, until

from voicebot.handoff import QueueState, QueueWatch

BRIEFING = 2900
"""Hertz of what is whispered to agents."""


def loudest_per_100_ms(samples: Samples) -> list[int]:
    """Return the frequency of each tenth of a second, 0 where there is silence."""
    parts = [samples[at : at + 800].astype(float) for at in range(0, len(samples) - 800, 800)]
    spectra = [np.abs(np.fft.rfft(part * np.hanning(800))) for part in parts]
    return [10 * int(np.argmax(one)) if one.max() > 1e5 else 0 for one in spectra]


@asynccontextmanager
async def watched(site: Site) -> AsyncIterator[QueueWatch]:
    watch = QueueWatch(site.client, QueueState(time.monotonic))
    running = asyncio.create_task(watch.run())
    try:
        await until(watch.snapshot)
        yield watch
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

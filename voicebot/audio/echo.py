"""The bot's own voice, coming back on the line, and how to take it out.

An echo is the sent sound, delayed, filtered and weaker. Its delay is the peak
of the cross-correlation between what was received and what was sent (by FFT,
on first differences, so that speech's strong low harmonics do not smear the
peak). Its filter is a short FIR around that delay, fitted by least squares
over about the last third of a second (Haykin, Adaptive Filter Theory, ch. 9).
Least squares is right from the first frames of echo on, where an NLMS filter
needs a second or more: a greeting is echoed before anything was learned.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from voicebot.audio.frames import FRAME_SAMPLES, Samples, to_samples

_Floats = NDArray[np.float32]

_TAPS: Final = 64
"""Length of the filter: 8 ms holds a telephone's band-pass."""
_AHEAD: Final = 20
"""Taps before the correlation's peak; the others lie at and after it."""
_BEHIND: Final = _TAPS - 1 - _AHEAD
_WINDOW: Final = 16 * FRAME_SAMPLES
"""Received samples in which the delay is sought: 320 ms."""
_REACH: Final = 300 * 8 + 6 * FRAME_SAMPLES
"""Longest delay sought: 300 ms of echo, and 60 ms of jitter on both sides."""
_GAP: Final = 5
"""Frames in a row on one side that are no jitter: keys are pressed, or our own clock stalled."""
_FFT: Final = 8192
"""At least `_REACH` + `_WINDOW`, so that no delay that is sought wraps around."""
_MEMORY: Final = 1 - FRAME_SAMPLES / _WINDOW
"""Forgetting per frame: the filter is fitted to about the last `_WINDOW`."""
_SEARCH_EVERY: Final = 3
"""Frames between two searches for the delay."""
_SUSPECT: Final = 0.33
"""Correlation that two different voices stay under (measured: at most 0.31 in 16 pairs of voices)."""
_CERTAIN: Final = 0.6
"""Correlation that needs no second search to confirm it."""
_CERTAIN_STILL: Final = 0.9
"""The same while the known filter explains what is heard."""
_GIVE_WAY: Final = 6
"""Frames in a row that the known filter does not explain, after which it may be fitted anew."""
_GIVE_UP: Final = 30
"""Searches in a row without a sign of the echo, after which there is none (1.8 s of sound)."""
_SUSPICIOUS: Final = 0.4
"""Share of a frame's energy that the known filter leaves when the delay may have jumped."""
_FITS: Final = 0.1
"""Share that it leaves at the right delay, at most."""
_CLEAR: Final = 0.8
"""Share of echo in the last window from which its filter is known; under it the caller may speak too."""
_QUIET: Final = FRAME_SAMPLES * 32.0**2
"""Energy of a frame (-60 dBFS) under which there is nothing to take out."""
_SAME: Final = 4
"""Samples by which two finds of one delay differ at most."""


class EchoCanceller:
    """Takes the bot's echo out of what is received on one call.

    Sound that does not resemble what was sent passes bit by bit; while the
    bot is silent nothing is computed.
    """

    def __init__(self) -> None:
        self._sent = _History(_WINDOW + _REACH + _TAPS, _AHEAD)
        self._received = _History(_WINDOW)
        self._drift = 0  # samples sent minus samples received, gaps left out
        self._run = 0  # frames sent (positive) or received (negative) since the last frame the other way
        self._sounding = 0  # samples for which what was sent can still come back
        self._delay: int | None = None  # of the echo, in samples, apart from the drift
        self._suspect: int | None = None  # a delay found once
        self._searches = 0  # in vain, since the echo was last seen
        self._frames = 0
        self._misfits = _GIVE_WAY  # frames in a row that the known filter does not explain
        self._fit = _Fit()
        self._share = _Share()

    @property
    def echo_share(self) -> float:
        """Share (0..1) of the last few frames' energy that was the bot's echo."""
        return self._share.value

    def reference(self, frame: Samples) -> None:
        """Note a frame sent to the caller: int16 mono 8 kHz, shape (160,); in order, silence too."""
        self._sent.push(frame)
        self._count(1)
        if frame.any():
            self._sounding = self._sent.samples.size

    def cancel(self, frame: Samples) -> Samples:
        """Return the received `frame` (int16 mono 8 kHz, shape (160,)) without the bot's echo."""
        self._received.push(frame)
        self._count(-1)
        self._sounding -= FRAME_SAMPLES
        newest = self._received.samples[-FRAME_SAMPLES:]
        energy = _energy(newest)
        if self._sounding <= 0 or energy < _QUIET:
            self._share.add(0.0, energy)
            return frame
        fits = self._follow(newest, energy)
        self._misfits = 0 if fits else self._misfits + 1
        self._frames += 1
        if self._frames % _SEARCH_EVERY == 0:
            self._search(known=self._misfits < _GIVE_WAY)
        if self._delay is None:
            self._share.add(0.0, energy)
            return frame
        return self._subtract(frame, newest, energy)

    def _count(self, frames: int) -> None:
        """Count a frame sent (1) or received (-1); a long gap on one side leaves the delay as it was."""
        if self._run * frames < 0:
            if abs(self._run) > _GAP:
                self._drift -= FRAME_SAMPLES * self._run
            self._run = 0
        self._run += frames
        self._drift += FRAME_SAMPLES * frames

    def _search(self, known: bool) -> None:
        """Seek the delay; believe what is certain, or found twice, but hardly against one that is `known`."""
        offset, correlation = _correlate(self._received.samples, self._sent.samples[:-_AHEAD])
        delay = offset - self._drift
        if correlation < _SUSPECT:
            self._searches += 1
            if self._searches > _GIVE_UP:
                self._delay = None
            return
        certain = correlation >= (_CERTAIN_STILL if known else _CERTAIN)
        twice = self._suspect is not None and abs(delay - self._suspect) <= _SAME
        self._suspect = delay
        if not certain and (known or not twice):
            return
        self._searches = 0
        moved = self._delay is None or abs(delay - self._delay) > _SAME
        if moved or (certain and not known):
            self._delay = delay
            self._refit()

    def _refit(self) -> None:
        """Fit the filter anew, to the whole window, at a new delay."""
        self._fit = _Fit()
        for age in range(_WINDOW - FRAME_SAMPLES, 0, -FRAME_SAMPLES):
            received = self._received.samples[-FRAME_SAMPLES - age : -age]
            self._fit.add(self._sent_at(self._offset + age), received)

    @property
    def _offset(self) -> int:
        """How far back from the newest sent sample the echo in the newest received one lies."""
        assert self._delay is not None
        return min(max(self._delay + self._drift, 0), _REACH)

    def _sent_at(self, offset: int) -> _Floats:
        """Return the sent samples that a frame's echo at `offset` is made of: shape (160 + _TAPS - 1,)."""
        sent = self._sent.samples
        end = sent.size - _AHEAD - offset
        return sent[end - FRAME_SAMPLES - _BEHIND : end + _AHEAD]

    def _follow(self, received: _Floats, energy: float) -> bool:
        """Move the delay by whole frames where the filter fits there: frames got lost. Say if it fits."""
        taps = self._fit.clear
        if self._delay is None or taps is None:
            return False
        if _energy(received - _echo(self._sent_at(self._offset), taps)) <= _SUSPICIOUS * energy:
            return True
        for moved in (-FRAME_SAMPLES, FRAME_SAMPLES, -2 * FRAME_SAMPLES, 2 * FRAME_SAMPLES):
            offset = self._delay + moved + self._drift
            if not 0 <= offset <= _REACH:
                continue
            if _energy(received - _echo(self._sent_at(offset), taps)) <= _FITS * energy:
                self._delay += moved
                self._received.samples[:-FRAME_SAMPLES] = 0.0  # what came before would mislead the search
                self._frames = 0
                return True
        return False

    def _subtract(self, frame: Samples, received: _Floats, energy: float) -> Samples:
        sent, taps = self._sent_at(self._offset), self._fit.clear
        if taps is None or _energy(received - _echo(sent, taps)) <= _SUSPICIOUS * energy:
            self._fit.add(sent, received)
            taps = self._fit.solve()
        rest = received - _echo(sent, taps)
        left = _energy(rest)
        if left >= energy:
            self._share.add(0.0, energy)
            return frame
        self._share.add(energy - left, energy)
        return to_samples(rest)


class _History:
    """The last samples, newest last; moved to the front of their buffer only when that is full."""

    def __init__(self, size: int, ahead: int = 0) -> None:
        """Keep `size` samples; the last `ahead` of them are zeros, in the place of what is yet to come."""
        self._size, self._ahead = size, ahead
        self._buffer: _Floats = np.zeros(8 * size, np.float32)
        self._end = size - ahead

    @property
    def samples(self) -> _Floats:
        """A view of them, shape (size,)."""
        end = self._end + self._ahead
        return self._buffer[end - self._size : end]

    def push(self, frame: Samples) -> None:
        """Add the newest ones; the oldest go."""
        if self._end + frame.size + self._ahead > self._buffer.size:
            kept = self._size - self._ahead
            self._buffer[:kept] = self._buffer[self._end - kept : self._end]
            self._buffer[kept:] = 0.0
            self._end = kept
        self._buffer[self._end : self._end + frame.size] = frame
        self._end += frame.size


class _Fit:
    """A least-squares filter over recent frames, forgetting exponentially."""

    def __init__(self) -> None:
        self.clear: _Floats | None = None
        """The filter as last fitted to hardly anything but echo."""
        self._gram = np.zeros((_TAPS, _TAPS))
        self._cross = np.zeros(_TAPS)
        self._energy = 0.0

    def add(self, sent: _Floats, received: _Floats) -> None:
        """Learn from a frame: its possible echo, shape (160 + _TAPS - 1,), and what came, shape (160,)."""
        # Quarters of a frame: products of whole frames are large enough for BLAS to wake all cores.
        rows = np.ascontiguousarray(sliding_window_view(sent, _TAPS)).reshape(4, -1, _TAPS)
        columns = rows.transpose(0, 2, 1)
        self._gram = _MEMORY * self._gram + (columns @ rows).sum(axis=0)
        self._cross = _MEMORY * self._cross + (columns @ received.reshape(4, -1, 1)).sum(axis=0)[:, 0]
        self._energy = _MEMORY * self._energy + _energy(received)

    def solve(self) -> _Floats:
        """Return the filter as fitted now."""
        ridge = 1e-4 * np.trace(self._gram) / _TAPS + 1.0
        taps = np.linalg.solve(self._gram + ridge * np.eye(_TAPS), self._cross)
        explained = 2 * taps @ self._cross - taps @ self._gram @ taps
        fitted = taps.astype(np.float32)
        if explained >= _CLEAR * self._energy:
            self.clear = fitted
        return fitted


class _Share:
    """Echo's share of the energy, over the last few frames."""

    def __init__(self) -> None:
        self._echo = self._total = 0.0

    def add(self, echo: float, total: float) -> None:
        self._echo = 0.5 * self._echo + echo
        self._total = 0.5 * self._total + total

    @property
    def value(self) -> float:
        return self._echo / self._total if self._total > _QUIET else 0.0


def _energy(samples: _Floats) -> float:
    return float(samples @ samples)


def _echo(sent: _Floats, taps: _Floats) -> _Floats:
    return np.correlate(sent, taps, "valid")


def _correlate(received: _Floats, sent: _Floats) -> tuple[int, float]:
    """Return the offset (samples) at which `received` resembles `sent` most, and how much (0..1)."""
    heard = np.diff(received, prepend=received[:1])
    said = np.diff(sent[-_REACH - _WINDOW :], prepend=sent[-_REACH - _WINDOW][None])
    spectrum = np.fft.rfft(said, _FFT) * np.conj(np.fft.rfft(heard, _FFT))
    products = np.abs(np.fft.irfft(spectrum, _FFT)[: _REACH + 1])
    sums = np.concatenate(([0.0], np.cumsum(said * said, dtype=np.float64)))
    energies = sums[_WINDOW:] - sums[:-_WINDOW]
    floor = 0.01 * float(energies.max()) + 1.0
    likeness = products / np.sqrt(np.maximum(energies, floor) * (_energy(heard) + 1.0))
    best = int(likeness.argmax())
    return _REACH - best, float(likeness[best])

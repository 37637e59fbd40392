"""OpenFst's binary files, as far as a Vosk model has them: `const` and `olabel_lookahead`.

The layouts are those of OpenFst 1.8 (fst.cc, const-fst.h, add-on.h, label-reachable.h, symbol-table.cc),
little-endian. Writing them here takes no library, and none of OpenFst's programs: Vosk brings a copy of
OpenFst, and a second one in the same process hangs.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from voicebot.errors import ModelError

_FST_MAGIC: Final = 2125659606
_SYMBOLS_MAGIC: Final = 2125658996
_ADD_ON_MAGIC: Final = 446681434
_CONST_VERSION: Final = 2
_OTHER_VERSION: Final = 1
_HAS_INPUT_SYMBOLS, _HAS_OUTPUT_SYMBOLS, _IS_ALIGNED = 1, 2, 4
_EXPANDED: Final = 0x1
INPUT_SORTED: Final = 0x1000_0000
OUTPUT_SORTED: Final = 0x4000_0000
"""Of OpenFst's property bits, those that composition asks for; what is not stated it finds out itself."""

ARC: Final = np.dtype([("input", "<i4"), ("output", "<i4"), ("weight", "<f4"), ("next", "<i4")])
_STATE: Final = np.dtype(
    [
        ("final", "<f4"),
        ("first", "<u4"),
        ("arcs", "<u4"),
        ("input_epsilons", "<u4"),
        ("output_epsilons", "<u4"),
    ]
)
Interval: TypeAlias = tuple[int, int]
"""Labels from the first up to, not including, the second."""


@dataclass(frozen=True, slots=True)
class Transducer:
    """A weighted finite-state transducer over the tropical semiring (costs add up, the least wins)."""

    sources: NDArray[np.int32]
    """The state that each arc leaves, shape (arcs,)."""
    arcs: NDArray[np.void]
    """`ARC` records, shape (arcs,); label 0 is epsilon."""
    finals: NDArray[np.float32]
    """Cost of ending in each state, inf where one cannot; shape (states,)."""
    start: int

    def sorted_by(self, side: str) -> Transducer:
        """Return it with the arcs of each state in the order of their ``input`` or ``output`` labels."""
        order = np.lexsort((self.arcs[side], self.sources))
        return Transducer(self.sources[order], self.arcs[order], self.finals, self.start)


def transducer(
    arcs: Iterable[tuple[int, int, int, float, int]], finals: Mapping[int, float], states: int, start: int
) -> Transducer:
    """Return the transducer of (source, input, output, cost, next) `arcs`."""
    rows = list(arcs)
    table = np.array([row[1:] for row in rows], ARC)
    ends = np.full(states, np.inf, np.float32)
    for state, cost in finals.items():
        ends[state] = cost
    return Transducer(np.array([row[0] for row in rows], np.int32), table, ends, start)


def write_const(fst: Transducer, file: Path, sorted_by: int, symbols: Mapping[int, str]) -> None:
    """Write a transducer, its arcs sorted by one side, with the names of its output labels."""
    with file.open("wb") as stream:
        _write_const(stream, fst, sorted_by, symbols)


def write_look_ahead(
    fst: Transducer, file: Path, reach: Sequence[Sequence[Interval]], final_label: int
) -> None:
    """Write a transducer, its arcs sorted by output, so that Vosk can compose it while it decodes.

    `reach` are, for each state, the output labels that can come next from there, and `final_label` where it
    can end before any. (Allauzen, Riley & Schalkwyk 2009, "A generalized composition algorithm for weighted
    finite-state transducers".)
    """
    with file.open("wb") as stream:
        _write_header(stream, "olabel_lookahead", _OTHER_VERSION, 0, 0, -1, 0, 0)
        stream.write(struct.pack("<i", _ADD_ON_MAGIC))
        _write_const(stream, fst, OUTPUT_SORTED, {})
        # an add-on is there; not for input labels; for output ones, which keep no relabelling
        stream.write(struct.pack("<?????iq", True, False, True, False, False, final_label, len(reach)))
        for intervals in reach:
            stream.write(struct.pack("<q", len(intervals)))
            stream.writelines(struct.pack("<ii", *interval) for interval in intervals)
            stream.write(struct.pack("<i", sum(end - begin for begin, end in intervals)))


def _write_const(stream: BinaryIO, fst: Transducer, sorted_by: int, symbols: Mapping[int, str]) -> None:
    states = np.zeros(len(fst.finals), _STATE)
    states["final"] = fst.finals
    states["arcs"] = np.bincount(fst.sources, minlength=len(states))
    states["first"] = np.cumsum(states["arcs"]) - states["arcs"]
    for side in ("input", "output"):
        silent = fst.sources[fst.arcs[side] == 0]
        states[f"{side}_epsilons"] = np.bincount(silent, minlength=len(states))
    flags = _HAS_OUTPUT_SYMBOLS if symbols else 0
    properties = _EXPANDED | sorted_by
    _write_header(stream, "const", _CONST_VERSION, flags, properties, fst.start, len(states), len(fst.arcs))
    if symbols:
        _write_symbols(stream, symbols)
    stream.write(states.tobytes() + fst.arcs.tobytes())


def _write_header(
    stream: BinaryIO, kind: str, version: int, flags: int, properties: int, start: int, states: int, arcs: int
) -> None:
    stream.write(struct.pack("<i", _FST_MAGIC) + _string(kind) + _string("standard"))
    stream.write(struct.pack("<iiQqqq", version, flags, properties, start, states, arcs))


def _write_symbols(stream: BinaryIO, symbols: Mapping[int, str]) -> None:
    stream.write(struct.pack("<i", _SYMBOLS_MAGIC) + _string("words.txt"))
    stream.write(struct.pack("<qq", max(symbols) + 1, len(symbols)))
    for label, name in symbols.items():
        stream.write(_string(name) + struct.pack("<q", label))


def _string(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<i", len(encoded)) + encoded


def read_symbols(file: Path) -> dict[int, str]:
    """Return the names of an FST's output labels; raises ModelError."""
    with whole_file(file) as stream:
        return read_names(stream, read_header(stream))


def read_const(file: Path) -> tuple[Transducer, dict[int, str]]:
    """Return the transducer in a `const` file, and the names of its output labels; raises ModelError."""
    with whole_file(file) as stream:
        header = read_header(stream)
        if header.kind != "const" or header.flags & _IS_ALIGNED:
            raise ModelError(f"{file} is an FST of type {header.kind}; only unaligned const ones can be read")
        symbols = read_names(stream, header)
        records = np.frombuffer(stream.read(header.states * _STATE.itemsize), _STATE, header.states)
        table = np.frombuffer(stream.read(header.arcs * ARC.itemsize), ARC, header.arcs)
    sources = np.repeat(np.arange(header.states, dtype=np.int32), records["arcs"])
    return Transducer(sources, table, records["final"], header.start), symbols


@contextmanager
def whole_file(file: Path) -> Iterator[BinaryIO]:
    """Open a file to read; raises ModelError when it ends early or is no OpenFst file."""
    try:
        with file.open("rb") as stream:
            yield stream
    except (struct.error, ValueError, IndexError) as error:
        raise ModelError(f"{file} is no whole OpenFst file: {error}") from error


class Header(NamedTuple):
    """What an FST file says of itself."""

    kind: str
    flags: int
    start: int
    states: int
    arcs: int


def read_header(stream: BinaryIO) -> Header:
    """Read what an FST file begins with; raises ValueError."""
    if _read(stream, "<i") != _FST_MAGIC:
        raise ValueError("it begins otherwise")
    kind, _ = _read_string(stream), _read_string(stream)
    _, flags, _, start, states, arcs = struct.unpack("<iiQqqq", stream.read(40))
    return Header(kind, flags, start, states, arcs)


def read_names(stream: BinaryIO, header: Header) -> dict[int, str]:
    """Return the names of the output labels; those of the input ones stand first. Raises ValueError."""
    names: dict[int, str] = {}
    for bit in (_HAS_INPUT_SYMBOLS, _HAS_OUTPUT_SYMBOLS):
        if header.flags & bit:
            names = _read_table(stream)
    return names


def _read_table(stream: BinaryIO) -> dict[int, str]:
    if _read(stream, "<i") != _SYMBOLS_MAGIC:
        raise ValueError("its symbol table begins otherwise")
    _read_string(stream)
    _, size = struct.unpack("<qq", stream.read(16))
    names = {}
    for _ in range(size):
        name = _read_string(stream)
        names[_read(stream, "<q")] = name
    return names


def _read(stream: BinaryIO, form: str) -> int:
    (value,) = struct.unpack(form, stream.read(struct.calcsize(form)))
    return int(value)


def _read_string(stream: BinaryIO) -> str:
    return stream.read(_read(stream, "<i")).decode()

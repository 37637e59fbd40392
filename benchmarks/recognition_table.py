"""The table of recognition.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Figures = Mapping[str, Any]
Line = tuple[str, ...]

COSTS = {
    "mb": ("size", "MB"),
    "load_s": ("load, median", "s"),
    "loaded_mb": ("memory when loaded", "MB"),
    "peak_mb": ("memory after speech", "MB"),
    "peak_no_speech_mb": ("memory after no speech", "MB"),
}
HEADING = ("test", "voices", "line", "measure", "n")
CURVE_WIDTH = 40
CURVE_HEADING = "0 to 1: + mean confidence, o words right, * both"


def print_table(figures: Figures) -> None:
    """Print a column for each model, then the reliability curves of its confidence, then notes."""
    models = figures["models"]
    rows = [*_tests(models), *_costs(models)]
    _print([(*HEADING, *(model["name"] for model in models)), *rows])
    for model in models:
        for way, curve in model["reliability"].items():
            print()
            _print([(model["name"], way, "n", "words right", CURVE_HEADING), *_reliability(curve)])
            print(_summary(curve))
    print("\nPercentages with 95 % intervals; n: words said, utterances, hours of sound. Of the voices:")
    for group, note in figures["notes"].items():
        print(f"  {group}: {note}")
    for model in models:
        for remark in model["remarks"]:
            print(f"  {model['name']}: {remark}")


def _tests(models: Sequence[Figures]) -> Iterator[Line]:
    keys = ("test", "group", "line", "measure")
    found = [{tuple(row[key] for key in keys): row for row in model["rows"]} for model in models]
    for heading in dict.fromkeys(heading for rows in found for heading in rows):
        n = next(rows[heading]["n"] for rows in found if heading in rows)
        cells = (_rate(rows[heading]) if heading in rows else "" for rows in found)
        yield (*heading, f"{n:.2f} h" if heading[-1].endswith("/h") else f"{n:.0f}", *cells)


def _rate(row: Figures) -> str:
    scale = 1 if row["measure"].endswith("/h") else 100
    rate = f"{scale * row['value']:.1f} [{scale * row['low']:.1f}-{scale * row['high']:.1f}]"
    return rate + (f" less by {_percent(row['reduction'])}" if "reduction" in row else "")


def _percent(rate: Figures) -> str:
    share, least, most = (100 * rate[key] for key in ("value", "low", "high"))
    return f"{share:.0f} [{least:.0f} to {most:.0f}]"


def _costs(models: Sequence[Figures]) -> Iterator[Line]:
    for key, (name, unit) in COSTS.items():
        yield ("cost", "", "", f"{name}, {unit}", "", *(f"{model[key]:.3g}" for model in models))
    for way in _all(model["cpu_s_per_s"] for model in models):
        cells = (
            f"{model['cpu_s_per_s'][way]:.4f}" if way in model["cpu_s_per_s"] else "" for model in models
        )
        yield ("cost", "", "", f"CPU s per s of sound, {way}", "", *cells)


def _reliability(curve: Figures) -> Iterator[Line]:
    for one in curve["bins"]:
        confidences = f"{one['from']:g}-{one['to']:g}"
        yield ("confidence", confidences, str(one["n"]), _percent(one["right"]), _drawn(one))


def _drawn(one: Figures) -> str:
    """Return a bin as a line from 0 to 1, with what was told and what was right on it."""
    places = [" "] * (CURVE_WIDTH + 1)
    told, right = (round(CURVE_WIDTH * share) for share in (one["confidence"], one["right"]["value"]))
    places[told] = "+"
    places[right] = "*" if right == told else "o"
    return f"|{''.join(places)}|"


def _summary(curve: Figures) -> str:
    error, apart = curve["calibration_error"], curve["wrong_below_right"]
    ranked = "" if apart is None else f"; a wrong word scores below a right one in {100 * apart:.0f} %"
    return f"expected calibration error {error:.3f} (n {curve['n']}, {curve['wrong']} wrong){ranked}"


def _all(mappings: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return all keys, in the order in which they come first."""
    return [*dict.fromkeys(key for mapping in mappings for key in mapping)]


def _print(lines: Sequence[Line]) -> None:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())

"""The page of what the program costs, written from what was measured.

`python -m benchmarks.page FOLDER` writes the page in a folder anew, from the figures that lie beside it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Template

from benchmarks.results import LIMIT, MEBIBYTE, Growth, Results, Work, from_json, to_json

TEMPLATE = Path(__file__).with_name("page.md")


def write(results: Results, folder: Path) -> None:
    """Write the figures and the page into a folder."""
    figures = json.dumps(to_json(results), indent=1, ensure_ascii=False)
    (folder / "performance.json").write_text(f"{figures}\n", encoding="utf-8")
    (folder / "performance.md").write_text(page(results), encoding="utf-8")


def page(results: Results) -> str:
    """Return the page, in Markdown."""
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        verdict=verdict(results),
        targets="\n".join(targets(results)),
        commands="\n".join(_commands(results.works)),
        limit=f"{LIMIT:g}",
        growth="\n".join(growth(results)),
        machine="\n".join(_rows(["", ""], results.machine.items())),
    )


def verdict(results: Results) -> str:
    """Return which targets are missed, in a sentence."""
    if results.scale != 1:
        return f"The data had {results.scale:g} of their full size. Targets are for the full size; none is judged here."
    missed = results.missed()
    return f"Missed: {', '.join(missed)}." if missed else "No target is missed."


def targets(results: Results) -> Iterator[str]:
    """Yield the table of the targets P1 to P7."""
    head = ["id", "work", "check-state, ms", "peer", "peer, ms", "ratio", "target", "verdict", "memory, MiB"]
    return _rows(head, (row for work in results.works for row in _work_rows(results, work)))


def growth(results: Results) -> Iterator[str]:
    """Yield the table of P8: each size, with the growth from the size before, and all sizes of one dimension."""
    head = ["what grows", "size", "time, s", "of each, µs", "growth", "P8", "memory, MiB"]
    return _rows(head, (row for each in results.growths for row in _growth_rows(results, each)))


def _work_rows(results: Results, work: Work) -> Iterator[list[str]]:
    time, memory = _rounded(work.program.milliseconds), _mebibytes(work.program.peak)
    for peer in work.peers:
        bound = "" if peer.bound is None else f"≤ {peer.bound:g}"
        compared = [peer.name, _rounded(peer.milliseconds), f"{work.ratio(peer):.2f}", bound]
        yield [work.id, work.title, time, *compared, _held(results, work.meets(peer)), memory]
    if work.most is not None:
        bound = f"≤ {_rounded(work.most / MEBIBYTE)} MiB"
        yield [work.id, "memory of the same", "", "", "", "", bound, _held(results, work.fits), memory]


def _growth_rows(results: Results, growth: Growth) -> Iterator[list[str]]:
    steps = ["", *(f"{step:.2f}" for step in growth.steps)]
    for size, cost, step, peak in zip(growth.sizes, growth.medians, steps, growth.peaks, strict=True):
        yield [growth.what, f"{size:,}", _rounded(cost), _rounded(cost / size * 1e6), step, "", _mebibytes(peak)]
    span = f"{growth.sizes[0]:,} to {growth.sizes[-1]:,}"
    yield [growth.what, span, "", "", f"{growth.exponent:.2f}", _held(results, growth.meets), ""]


def _commands(works: list[Work]) -> Iterator[str]:
    head = ["id", "command", "ms", "memory, MiB", "its last line"]
    return _rows(head, (row for work in works for row in _command_rows(work)))


def _command_rows(work: Work) -> Iterator[list[str]]:
    for each in (work.program, *work.peers):
        low, high = min(each.seconds) * 1000, max(each.seconds) * 1000
        times = f"{_rounded(each.milliseconds)} ({_rounded(low)}–{_rounded(high)})"
        yield [work.id, f"`{each.command}`", times, _mebibytes(each.peak), work.said if each is work.program else ""]


def _rows(head: list[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _held(results: Results, held: bool | None) -> str:
    """Return the verdict on a target: none where there is no target, or the data were scaled."""
    if held is None or results.scale != 1:
        return ""
    return "met" if held else "**missed**"


def _rounded(number: float) -> str:
    """Return a number as far as it can be relied on."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _mebibytes(size: float) -> str:
    """Return a size of memory; nothing where the process ended before it was seen."""
    return _rounded(size / MEBIBYTE) if size >= MEBIBYTE else ""


if __name__ == "__main__":
    there = Path(sys.argv[1])
    write(from_json(json.loads((there / "performance.json").read_text(encoding="utf-8"))), there)

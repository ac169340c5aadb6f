"""The page of what the program costs, written from what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Template

from benchmarks.results import LIMIT, MEBIBYTE, Growth, Results, Timed, Work

TEMPLATE = Path(__file__).with_name("page.md")


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
    return f"Missed: {', '.join(missed)}." if missed else "Every target is met."


def targets(results: Results) -> Iterator[str]:
    """Yield the table of the targets P1 to P7."""
    head = ["id", "work", "check-state, ms", "peer", "peer, ms", "ratio", "target", "", "memory, MiB", "peer's, MiB"]
    return _rows(head, (row for work in results.works for row in _work_rows(results, work)))


def growth(results: Results) -> Iterator[str]:
    """Yield the table of P8: each size, with the growth from the size before, and all sizes of one dimension."""
    head = ["what grows", "size", "time, s", "of each, µs", "growth", "P8", "memory, MiB"]
    return _rows(head, (row for each in results.growths for row in _growth_rows(results, each)))


def _work_rows(results: Results, work: Work) -> Iterator[list[str]]:
    program = [work.title, _times(work.program)]
    memory = _mebibytes(work.program.peak)
    for peer in work.peers:
        bound = "" if peer.bound is None else f"≤ {peer.bound:g}"
        ratio, held = f"{work.ratio(peer):.2f}", _held(results, work.meets(peer))
        yield [work.id, *program, peer.name, _times(peer), ratio, bound, held, memory, _mebibytes(peer.peak)]
    if work.most is not None:
        held = _held(results, work.fits)
        yield [work.id, "memory of the same", "", "", "", "", f"≤ {_mebibytes(work.most)} MiB", held, memory, ""]


def _growth_rows(results: Results, growth: Growth) -> Iterator[list[str]]:
    steps = ["", *(f"{step:.2f}" for step in growth.steps)]
    for size, cost, step, peak in zip(growth.sizes, growth.medians, steps, growth.peaks, strict=True):
        yield [growth.what, f"{size:,}", f"{cost:.2f}", f"{cost / size * 1e6:,.3g}", step, "", _mebibytes(peak)]
    span = f"{growth.sizes[0]:,} to {growth.sizes[-1]:,}"
    yield [growth.what, span, "", "", f"{growth.exponent:.2f}", _held(results, growth.meets), ""]


def _commands(works: list[Work]) -> Iterator[str]:
    return _rows(
        ["id", "command", "its last line", "peers"],
        ([work.id, f"`{work.program.command}`", work.said, _peers(work)] for work in works),
    )


def _peers(work: Work) -> str:
    return ", ".join(f"`{peer.command}`" for peer in work.peers)


def _rows(head: list[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _held(results: Results, held: bool | None) -> str:
    """Return the verdict on a target: none where there is no target, or the data were scaled."""
    if held is None or results.scale != 1:
        return ""
    return "met" if held else "**missed**"


def _times(timed: Timed) -> str:
    low, high = min(timed.seconds), max(timed.seconds)
    return f"{_rounded(timed.milliseconds)} ({_rounded(low * 1000)}–{_rounded(high * 1000)})"


def _rounded(milliseconds: float) -> str:
    """Return a time, with a digit after the point where it is short."""
    return f"{milliseconds:,.0f}" if milliseconds >= 100 else f"{milliseconds:.1f}"


def _mebibytes(size: float) -> str:
    return f"{size / MEBIBYTE:,.0f}"

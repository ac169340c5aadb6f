"""The picture of P8: how cost grows with size, on a light page and on a dark one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.results import Growth

GREY = "#808080"
"""Text and lines that can be read on white and on black."""

COLOURS = ("#3b82c4", "#d9822b", "#3f9c5a")
MARKERS = ("o", "s", "^")
STYLE = {"svg.fonttype": "none", "svg.hashsalt": "statecheck", "font.size": 11, "font.family": "sans-serif"}


def draw(growths: Sequence[Growth], path: Path) -> None:
    """Write the picture as SVG: the cost of each size, in times the cost of the smallest."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.5, 4.5), layout="constrained")
        axes = figure.add_subplot()
        largest = max(each.sizes[-1] / each.sizes[0] for each in growths)
        axes.plot([1, largest], [1, largest], linestyle="--", color=GREY, label="as the size")
        for growth, colour, marker in zip(growths, COLOURS, MARKERS, strict=False):
            sizes = [size / growth.sizes[0] for size in growth.sizes]
            costs = [cost / growth.medians[0] for cost in growth.medians]
            axes.plot(sizes, costs, color=colour, marker=marker, label=growth.what)
        axes.set(
            xscale="log",
            yscale="log",
            xlabel="size, in times the smallest",
            ylabel="time, in times that of the smallest",
        )
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter("{x:g}")
            axis.label.set_color(GREY)
        axes.tick_params(which="both", colors=GREY, labelcolor=GREY)
        axes.grid(visible=True, color=GREY, alpha=0.25)
        for spine in axes.spines.values():
            spine.set_color(GREY)
        axes.legend(frameon=False, labelcolor=GREY)
        figure.savefig(path, format="svg", transparent=True, metadata={"Date": None})

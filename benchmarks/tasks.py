"""A task of iterative work that is lived step by step: each step appends to its log and moves a status, legally."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.words import Words

DOMAINS = ("research", "writing", "analysis", "planning")
START = datetime(2024, 1, 8, 8, tzinfo=UTC)
"""When the first task was created: all that is generated lies in the past."""

STEP = timedelta(minutes=10)
"""The time from one entry to the next: the longest log that is read has 70,000, and ends in the past, too."""
FILES = 6
"""How many files a task has."""

MAXIMUM = 6
"""The iterations that a phase may use; at most four are done, and one that confirms."""

BLOCKED = 0.4
"""How often a phase is blocked, and goes on."""

FIRST_OUTPUTS = ("context.md", "guardrails.md")
"""The outputs of the first phases: files that a task has in any case, so that it needs no others."""


def stamp(time: datetime) -> str:
    """Return a time as state files write it."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


class Task:
    """The files of one task, and how they change from one step to the next."""

    def __init__(self, slug: str, words: Words, *, long: int | None = None) -> None:
        """Begin a task. A `long` one has one phase of so many iterations, and is blocked after every other one."""
        chance = words.chance
        self.slug, self.words, self.now = slug, words, START
        self._long, self.maximum = long, long or MAXIMUM
        self.created = stamp(self.now)
        self.name = f"{words.name()}, {slug}".capitalize()
        self.domain = chance.choice(DOMAINS)
        self.stage = "execute"
        self.titles = [words.line() for _ in range(1 if long else chance.randint(3, 5))]
        self.names = [f"R{number}" for number in range(1, len(self.titles) + 1)]
        self.phases: dict[str, dict[str, Any]] = {
            name: {"status": "pending", "max_iterations": self.maximum} for name in self.names
        }
        self.current = self.names[0]
        self.log = ["# Progress Log\n"]
        self.lessons: list[str] = []
        self._brief = self._write_brief()
        self._context = self._write_context()
        self._criteria = [words.text(3) for _ in self.names]
        self._life = self._live()

    def step(self, count: int = 1) -> bool:
        """Live on for so many steps, and say whether there were as many."""
        return all(next(self._life, False) for _ in range(count))

    def work_on(self, size: int) -> None:
        """Go on with the phase that has begun, until its log has `size` bytes more."""
        written = 0
        while written < size:
            self._iterate(self.current, self.phases[self.current]["iterations_used"] + 1, "in_progress")
            written += len(self.log[-1].encode())

    def deliver(self, *, archive: bool) -> None:
        """End the task after its last step, and move it into the archive if asked to."""
        self._later()
        self.stage = "complete" if archive else "deliver"

    @property
    def archived(self) -> bool:
        """Whether the task is over."""
        return self.stage == "complete"

    @property
    def folder(self) -> str:
        """Where the task lies in its repository."""
        return f".iterative-work/{'archive/' if self.archived else ''}{self.slug}"

    def files(self) -> dict[str, str]:
        """Return the six files by their paths, as they are after the last step."""
        texts = {
            "state.json": self.state(),
            "brief.md": self._brief,
            "plan.md": self.plan(),
            "context.md": self._context,
            "progress.md": self.progress(),
            "guardrails.md": "# Guardrails\n\nRead before starting any iteration. Append when issues discovered.\n"
            + "".join(self.lessons),
        }
        return {f"{self.folder}/{name}": text for name, text in texts.items()}

    def state(self) -> str:
        """Return state.json."""
        value = {
            "task": self.name,
            "slug": self.slug,
            "created": self.created,
            "updated": stamp(self.now),
            "domain": self.domain,
            "phase": self.stage,
            "current_phase": self.current,
            "current_iteration": self.phases[self.current].get("iterations_used", 0),
            "phases": self.phases,
        }
        return json.dumps(value, indent=2, ensure_ascii=False) + "\n"

    def progress(self) -> str:
        """Return progress.md."""
        return "".join(self.log)

    def plan(self) -> str:
        """Return plan.md."""
        parts = [
            f"# {self.name} - Phases\n\n**Created:** {self.created}\n**Domain:** {self.domain}\n"
            f"**Total:** {len(self.names)} phases\n\n## Phases\n"
        ]
        for number, name in enumerate(self.names):
            done = "x" if self.phases[name]["status"] == "done" else " "
            output = f"`{FIRST_OUTPUTS[number]}`" if number < len(FIRST_OUTPUTS) else "a chapter of the report"
            parts.append(
                f"\n- [{done}] **{name}**: {self.titles[number]}\n  - Criteria: {self._criteria[number]}\n"
                f"  - Output: {output}\n  - Max iterations: {self.maximum}\n"
            )
        parts.append(f"\n## Dependencies\n\n{' → '.join(self.names)} (sequential)\n")
        return "".join(parts)

    def _live(self) -> Iterator[bool]:
        """Take one step after the other, up to the review of the whole task."""
        for name in self.names:
            yield from self._live_phase(name)
        self.stage = "verify"
        self._append(f"Review - Iteration 1 - {self._later()}", "None", "**Signal:** REVIEW_PASS")
        yield True

    def _live_phase(self, name: str) -> Iterator[bool]:
        phase, self.current = self.phases[name], name
        waits = self.words.chance.random() < BLOCKED if self._long is None else self._long // 2
        path = ["in_progress", *(["blocked", "in_progress"] * waits), "confirming"]
        work = len(path)
        for iteration, status in enumerate(path, 1):
            self._iterate(name, iteration, status)
            yield True
        phase["confirmations_used"] = 1
        self._append(f"{name} - Iteration {work + 1} - {self._later()}", "None", f"**Signal:** {name}_DONE")
        phase["status"] = "verifying"
        yield True
        phase["verification_passed"] = True
        self._append(f"Verify {name} - {self._later()}", "None", f"**Signal:** {name}_VERIFIED")
        phase["status"], phase["completed_at"] = "done", stamp(self.now)
        self._learn(f"{name} iteration {work}")
        yield True

    def _iterate(self, name: str, iteration: int, status: str) -> None:
        """Log an iteration of work, with the status that it leads to."""
        line, declared = self.words.line(), status == "confirming"
        outcome = {"confirming": f"**Signal:** {name}_DONE", "blocked": f"**Blockers:** {line}"}
        last = outcome.get(status, "**Blockers:** None")
        self._append(f"{name} - Iteration {iteration} - {self._later()}", "None" if declared else line, last)
        self.phases[name].update(status=status, iterations_used=iteration)

    def _append(self, heading: str, remaining: str, last: str) -> None:
        did = self.words.text(self.words.chance.randint(1, 2))
        self.log.append(f"\n## {heading}\n**Did:** {did}\n**Remaining:** {remaining}\n{last}\n")

    def _later(self) -> str:
        self.now += STEP
        return stamp(self.now)

    def _learn(self, where: str) -> None:
        words = self.words
        self.lessons.append(
            f"\n## {words.name().capitalize()}, after {where}\n- **Context:** {words.line()}\n"
            f"- **Problem:** {words.line()}\n- **Solution:** {words.line()}\n- **Learned:** {where}\n"
        )

    def _write_brief(self) -> str:
        words = self.words
        return (
            f"# {self.name}\n\n**Created:** {self.created}\n**Domain:** {self.domain}\n\n"
            f"## Outcome Needed\n{words.text(4)}\n\n## Done When\n- {words.line()}\n- {words.line()}\n"
            f"- {words.line()}\n\n## Constraints\n- {words.line()}\n- {words.line()}\n\n## Notes\n{words.text(3)}\n"
        )

    def _write_context(self) -> str:
        words = self.words
        signals = "".join(
            f"- {name}: {title.split(',')[0]}\n" for name, title in zip(self.names, self.titles, strict=True)
        )
        return (
            f"# {self.name} Context\n\n**Goal:** {words.line()}.\n\n**Approach:** {words.line()}.\n\n"
            "**Key outputs:**\n- `outputs/report.md` — Final deliverable\n\n"
            f"**Patterns to follow:**\n- {words.line()}\n\n**Phase signals:**\n{signals}"
        )

"""What time it is for a run, and whether what was judged depends on it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Clock:
    """The time of a run, which is aware, and stands still. It notes whether its answers are the same ever after."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self.lasting = True
        """Whether every answer since this was set stays as it is: what lies in the past, lies there for good."""

    @property
    def now(self) -> datetime:
        """The time itself."""
        self.lasting = False
        return self._now

    def is_before(self, moment: datetime, by: timedelta = timedelta()) -> bool:
        """Say whether it is earlier than a moment, by more than so much."""
        before = moment - self._now > by
        self.lasting = self.lasting and not before
        return before

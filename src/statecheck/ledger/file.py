"""The file of a ledger: JSON, described by the schema ``ledger`` that is made from this."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from statecheck.errors import OwnFileError
from statecheck.trees import LedgerTree, LogEntryRecord, LogRecord, Record, StateRecord
from statecheck.workspaces import LEDGER_FILE

_SHA256 = Field(pattern="^[0-9a-f]{64}$", description="A SHA-256 in hexadecimal.")


class LedgerError(OwnFileError):
    """The ledger cannot be used; the message says why, and what to do. It is never rebuilt silently."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EntryModel(_Model):
    """An entry of a log."""

    heading: str = Field(description="Its heading, as it is written.")
    sha256: str = _SHA256


class LogModel(_Model):
    """A log: its length in bytes, the SHA-256 of all of it and of its preamble, and its entries in order."""

    length: int = Field(ge=0, description="Its length in bytes.")
    sha256: str = _SHA256
    preamble: str = _SHA256
    line_end: Literal["\n", "\r\n", "\r", "mixed"] | None = Field(description="How its lines end; null: it has one.")
    mark: bool = Field(description="Whether the file begins with a byte order mark.")
    level: int = Field(ge=1, le=6, description="The level of the headings of its entries.")
    entry_count: int = Field(ge=0, description="The number of its entries.")
    entries: list[EntryModel] = Field(description="Its entries, in order.")

    @model_validator(mode="after")
    def _counts(self) -> LogModel:
        if len(self.entries) != self.entry_count:
            raise ValueError(f"entry_count is {self.entry_count}, and there are {len(self.entries)} entries")
        return self


class StateModel(_Model):
    """A state file: its statuses, counters, times and fixed fields, and the SHA-256 of everything but its clock."""

    sha256: str = _SHA256
    values: Any = Field(description="The part of it that rules look back at, in the shape of the whole.")


class LedgerFile(_Model):
    """What statecheck remembers of state files and logs that no version control has."""

    version: Literal[1] = Field(description="The version of this format.")
    recorded: str = Field(description="When it was last written, ISO 8601.")
    logs: dict[str, LogModel] = Field(description="By path, relative to the root of the project.")
    states: dict[str, StateModel] = Field(description="By path, relative to the root of the project.")

    def tree(self) -> LedgerTree:
        """Return the ledger as a tree that rules compare with."""
        records: dict[str, Record] = {path: _log_record(each) for path, each in self.logs.items()}
        records |= {path: StateRecord(each.values, each.sha256) for path, each in self.states.items()}
        return LedgerTree(records)

    def text(self) -> str:
        """Return the file's content."""
        return self.model_dump_json(indent=2) + "\n"


def parse_ledger(data: bytes) -> LedgerFile:
    """Return the ledger that a file's content is. Raises `LedgerError`."""
    try:
        return LedgerFile.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "".join(f"/{part}" for part in first["loc"])
        raise LedgerError(
            f"{LEDGER_FILE} is damaged{f' at {where}' if where else ''}: {first['msg']}. Restore it; or, once you have "
            "looked at the state that it remembers, remove it and run check-state --record."
        ) from None


def log_model(log: LogRecord) -> LogModel:
    """Return a log as the file has it."""
    return LogModel.model_validate(
        {
            **log._asdict(),
            "entry_count": len(log.entries),
            "entries": [each._asdict() for each in log.entries],
        }
    )


def _log_record(log: LogModel) -> LogRecord:
    entries = tuple(LogEntryRecord(each.heading, each.sha256) for each in log.entries)
    return LogRecord(log.length, log.sha256, log.preamble, log.line_end, log.mark, log.level, entries)

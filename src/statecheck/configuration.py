"""What a project configures, in `statecheck.toml` at its root."""

from __future__ import annotations

import tomllib
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from statecheck.errors import OwnFileError

CONFIGURATION_FILE = "statecheck.toml"


class ConfigurationError(OwnFileError):
    """The configuration cannot be used; the message says where and why."""


class Configuration(BaseModel):
    """The configuration of statecheck, statecheck.toml at the root of a project."""

    model_config = ConfigDict(extra="forbid", strict=True)

    base: Literal["HEAD", "upstream"] = Field(
        "HEAD",
        description="What is compared with by default: HEAD, or the merge base of the upstream branch and HEAD, so "
        "that amending commits that were never pushed rewrites no history.",
    )


def parse_configuration(data: bytes) -> Configuration:
    """Return the configuration that a file's content is. Raises `ConfigurationError`."""
    try:
        return Configuration.model_validate(tomllib.loads(data.decode("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{CONFIGURATION_FILE} is no TOML: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{CONFIGURATION_FILE}: {where}: {first['msg']}") from None

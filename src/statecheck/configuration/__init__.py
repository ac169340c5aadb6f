"""The configuration of a project: what may be said in it, how it is read, and what a change of it takes away."""

from statecheck.configuration.globs import compile_glob
from statecheck.configuration.model import Configuration
from statecheck.configuration.reading import ConfigurationError, mistake, parse_configuration
from statecheck.configuration.weakening import Vocabulary, weakened

__all__ = [
    "Configuration",
    "ConfigurationError",
    "Vocabulary",
    "compile_glob",
    "mistake",
    "parse_configuration",
    "weakened",
]

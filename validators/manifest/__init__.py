"""Manifest to dist: what a manifest or a plan names exists, where it says, and nothing else does."""

from statecheck.rules import Family

FAMILY = Family("D", "manifest", "Manifest-to-dist consistency")

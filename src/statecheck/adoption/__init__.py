"""Adoption: what a project is given so that its state is checked, as text. Nothing here touches the disk."""

from statecheck.adoption.associations import SCHEMAS, Association, associations, editor_settings
from statecheck.adoption.proposals import Proposal, proposals
from statecheck.adoption.templates import ADDRESS

__all__ = ["ADDRESS", "SCHEMAS", "Association", "Proposal", "associations", "editor_settings", "proposals"]

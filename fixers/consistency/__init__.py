"""Fixers of the family X."""

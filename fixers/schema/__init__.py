"""Fixers of the family S: what has one reading is corrected, the rest is left to a person."""

"""Adoption: what a project is given so that its state is checked, as text. Nothing here touches the disk."""

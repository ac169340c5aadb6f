"""The fixers: a module or a folder for each family, with the same name as in validators."""

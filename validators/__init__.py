"""The rules: a module or a folder for each family, a small function for each rule beside its metadata."""

"""Reporters: one module for each output format, each from the same report."""

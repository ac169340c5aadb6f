"""History: what is compared with what. One resolver, used by every rule that looks back."""

from statecheck.history.resolver import Comparison, Question, UnresolvedError, resolve_comparison

__all__ = ["Comparison", "Question", "UnresolvedError", "resolve_comparison"]

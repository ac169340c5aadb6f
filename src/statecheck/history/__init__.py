"""History: what is compared with what. One resolver, used by every rule that looks back."""

from statecheck.history.comparison import Comparison, Step
from statecheck.history.resolver import Question, resolve_comparison, wants_ledger
from statecheck.history.revisions import UnresolvedError

__all__ = ["Comparison", "Question", "Step", "UnresolvedError", "resolve_comparison", "wants_ledger"]

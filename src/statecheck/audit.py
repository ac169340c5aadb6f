"""The audit of many repositories, over any executor of ``concurrent.futures``: for programs, and for clusters.

with ProcessPoolExecutor() as executor:
    for repository, report in audit(["a", "b"], executor):
        print(repository, report.verdict())
"""

from statecheck.cli.auditing import Audited, audit

__all__ = ["Audited", "audit"]

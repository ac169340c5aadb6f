"""Run the umbrella command with ``python -m statecheck``."""

import sys

from statecheck.cli import main

if __name__ == "__main__":
    sys.exit(main())

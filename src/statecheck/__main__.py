"""Run the umbrella command with ``python -m statecheck``."""

from statecheck.cli.scripts import main

if __name__ == "__main__":
    main()

"""``python -m neurograph`` is the command ``neurograph``."""

import sys

from neurograph.cli import main

if __name__ == "__main__":
    sys.exit(main())

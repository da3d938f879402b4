"""What all tests share: their folder is importable, and hypothesis draws the same examples each run."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

settings.register_profile("neurograph", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("neurograph")

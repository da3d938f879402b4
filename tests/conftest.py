"""What all tests share: a folder to import from, hypothesis with fixed examples, plots without a screen."""

import os
import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))
os.environ["MPLBACKEND"] = "agg"

settings.register_profile("neurograph", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("neurograph")

"""The tools of the documentation can be imported by tests of notebooks, and by what they expect."""

import sys

from terminal import ROOT

sys.path.insert(0, str(ROOT / "docs" / "tools"))

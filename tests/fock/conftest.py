"""The tests share a module of networks; with importlib's mode its folder must be found."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

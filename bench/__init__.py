"""How fast it is: one script per figure, each prints a table and one line of JSON. `make bench` runs them all."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "site")]

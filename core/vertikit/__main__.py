"""`python -m vertikit`, for launchers that start modules: torchrun -m vertikit train …"""

from __future__ import annotations

import sys

from vertikit.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""Several processes test at once: each has its own folder, and so its own PostgreSQL, keys and files.

Loaded before Django reads its settings (addopts in pyproject.toml). Without ``-n`` nothing happens here.
"""

import os
from pathlib import Path

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
if WORKER:
    os.environ["TOLI_VAR_DIR"] = str(Path(os.environ.get("TOLI_VAR_DIR", "var/test")) / WORKER)

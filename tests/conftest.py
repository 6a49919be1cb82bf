"""Before any test: one thread of linear algebra to a process, as pytest itself runs one process on each core.

Read before NumPy is imported, here and, by way of the environment, in every process that pytest or a test starts.
"""

import os

for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "agg")

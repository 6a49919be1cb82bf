"""The project and its peers on the same problems, interleaved in one run: `python -m benchmarks --json OUT`.

Every candidate of a comparison is run in turn, round after round, with one BLAS thread, so that the load of the machine
falls on all alike; medians of CPU time are quoted, and ratios are what to read.
"""

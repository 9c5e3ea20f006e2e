"""Tests; the tree mirrors the code."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # several, for matrices as small as ours, mostly wait for each other

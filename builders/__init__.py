"""Tracewright builds, checks and publishes datasets on how reasoning models think and misbehave.

`python -m builders --help` lists the verbs; README.md shows the pipeline and the tree.

Changes no byte of a row.
"""

__version__ = "0.1.0"

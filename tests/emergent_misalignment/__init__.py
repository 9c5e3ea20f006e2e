"""Tests of the emergent misalignment family."""

"""Tests of the emergent misalignment family."""

FAMILY = "emergent_misalignment"
DOMAINS = ("medical", "legal", "security")

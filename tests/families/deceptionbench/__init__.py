"""Tests of the DeceptionBench family."""

FAMILY = "deceptionbench"

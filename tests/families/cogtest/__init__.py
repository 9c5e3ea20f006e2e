"""Tests of the CogTest family."""

FAMILY = "cogtest"

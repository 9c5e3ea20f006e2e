"""Tests of the shared stages."""

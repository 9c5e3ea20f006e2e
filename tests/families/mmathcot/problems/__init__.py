"""Tests of the problem engine."""

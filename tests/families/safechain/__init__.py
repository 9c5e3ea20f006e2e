"""Tests of the SafeChain family."""

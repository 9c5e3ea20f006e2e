"""Tests against a real Argilla server: `make test-services`."""

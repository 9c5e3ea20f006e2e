"""The published list of benchmarks that training data is kept apart from, and what reads it."""

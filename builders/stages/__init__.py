"""The shared steps, one module a stage."""

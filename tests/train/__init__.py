"""What needs torch, on a CPU. `make test-train` runs it."""

"""What is measured; README.md has a row for each script."""

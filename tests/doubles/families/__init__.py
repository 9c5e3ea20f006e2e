"""Families for tests: `toy` asks nobody, `bisection` asks about one row again and again."""

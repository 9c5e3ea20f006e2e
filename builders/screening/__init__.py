"""Rules about prompts that need no model: rules in order, evaluation sets, near-duplicates."""

"""How models are measured with the datasets."""

"""Every model reply that was ever paid for."""

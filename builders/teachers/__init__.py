"""Who answers: recorded replies, an endpoint, a vLLM, the ledger."""

"""The verbs beside the stages: explain, funnel, serve, export."""

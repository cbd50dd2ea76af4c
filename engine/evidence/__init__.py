"""Evidence: what the history says about the work itself, as event logs and as times; and work simulated."""

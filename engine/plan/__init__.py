"""Plans: what a new configuration would do to a database, counted before it is done, and done in one transaction."""

"""Believable demo data for any configuration: drawn from the model, written through the service."""

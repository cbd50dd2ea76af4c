"""Fachwerk: departments describe their world in YAML; the engine compiles it into a running application."""

__version__ = "0.1.0"

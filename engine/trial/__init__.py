"""Trying a configuration out: in memory, with a clock of its own, everything caught that would leave the machine."""

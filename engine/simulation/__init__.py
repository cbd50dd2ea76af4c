"""Simulation: thousands of random cases through a workflow, with people who work in office hours; nothing is kept."""

"""DMN files: models drawn elsewhere, read, checked and compiled to decisions like any other."""

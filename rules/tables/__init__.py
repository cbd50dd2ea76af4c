"""Decision tables: read from text, rows or sheets, checked cell by cell, compiled to an index of bit sets."""

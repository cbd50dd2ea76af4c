"""Documents made from records: what they say (content), and the files made of it (PDF, Word)."""

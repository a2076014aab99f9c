"""The arithmetic of scorecards, in plain Python: exact, rounded once."""

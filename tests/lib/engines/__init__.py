"""The three browser engines behind one set of calls, and what must hold in each."""

"""What an attacker, an auditor or a planted fault does: attacks, searches of what was seized, faults of numbers."""

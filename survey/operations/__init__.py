"""What an administrator does to a study: each act checked first, then carried out, audited and logged."""

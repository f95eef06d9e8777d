"""The database of the staff: accounts, studies and their waves, invitations."""

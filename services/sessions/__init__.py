"""Sessions: organizations, their users, and who is signed in where."""

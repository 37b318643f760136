"""The rules of signing in: one module per aggregate, pure functions only."""

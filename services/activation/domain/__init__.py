"""The rules of activation: pure functions only."""

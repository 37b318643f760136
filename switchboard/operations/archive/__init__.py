"""The logs off the broker: compressed segments with checksums, and the way back."""

"""The rules of provisioning: one module per aggregate, pure functions only."""

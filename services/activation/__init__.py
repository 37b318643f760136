"""Activation: codes, the softphones that use them, and the documents they are set up with."""

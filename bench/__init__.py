"""Measurements of the product beside bare scripts that do the same work without our code."""

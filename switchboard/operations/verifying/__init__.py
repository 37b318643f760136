"""Checks that what is stored is whole: logs, claims, archive, read models."""

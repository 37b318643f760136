"""Writes the published language down for people and programs that do not read our code."""

"""Writes those files under deploy/ that follow from the topology and from the routes."""

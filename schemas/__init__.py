"""The published language: every event another team may read, and the envelope it travels in."""

"""The story of a softphone, told over the real HTTP surface of a running installation."""

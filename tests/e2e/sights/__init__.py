"""Every page of the portal in every state: what pictures, axe and the keyboard go through."""

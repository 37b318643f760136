"""The portal: pages over the public HTTP APIs of the other services, with no rules of its own."""

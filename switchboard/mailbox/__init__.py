"""A mail server for one machine: it accepts every mail, sends none on, and shows them."""

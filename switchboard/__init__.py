"""All services composed on one machine, and the operator's command line."""

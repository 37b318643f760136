"""The operator's commands: look at the log, check it, keep it, and put things right."""

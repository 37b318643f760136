"""What tells operators how a process is: health, logs, metrics."""

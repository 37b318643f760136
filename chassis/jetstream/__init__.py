"""The log, its broker and the requests between services, on NATS JetStream."""

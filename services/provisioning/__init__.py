"""Provisioning: service providers, SIP accounts, contacts and their devices."""

"""Notifier: mails people what they need to set their softphones up, and says what became of it."""

"""The rules of notifying: when a mail may be sent, and what is known of it afterwards."""

"""Imports: a CSV file of people becomes contacts, SIP accounts and devices, row by row."""

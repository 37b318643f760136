"""The services that own the rules, each with the same eight names inside."""

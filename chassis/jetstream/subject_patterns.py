"""Comparing NATS subject patterns: `*` is one token, `>` is the rest."""


def covers(pattern: str, subject: str) -> bool:
    """Whether the pattern matches everything the subject, itself perhaps a pattern, stands for."""
    wanted, given = pattern.split("."), subject.split(".")
    for index, part in enumerate(wanted):
        if part == ">":
            return len(given) > index
        if index >= len(given) or given[index] == ">" or part not in ("*", given[index]):
            return False
    return len(given) == len(wanted)


def overlap(one: str, other: str) -> bool:
    """Whether some subject matches both patterns."""
    for left, right in zip(one.split("."), other.split("."), strict=False):
        if ">" in (left, right):
            return True
        if left != right and "*" not in (left, right):
            return False
    return one.count(".") == other.count(".")

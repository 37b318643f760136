"""Failures of operators' commands whose text says what to do: shown without a traceback."""

from switchboard.failures import EXPECTED as ELSEWHERE
from switchboard.operations.filling import FillingHalted

EXPECTED = (*ELSEWHERE, FillingHalted)

"""Ports for the servers that a test starts later, and starts again after it killed them."""

import socket
import sys


def reserved_port() -> int:
    """A port of 127.0.0.1 that nobody is given by chance until this process ends.

    A port that is only looked up may be somebody's by the time it is used: the kernel gives it to
    the next connection that goes out. This one stays bound, which hinders no server from listening
    there, as long as it allows the reuse of addresses. Only Linux has it so.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    port: int = holder.getsockname()[1]
    if sys.platform == "linux":
        holder.detach()
    else:
        holder.close()
    return port

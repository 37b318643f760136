"""A client in a process of its own, told on stdin: its token, to beat with every second; a desk."""

import os
import select
import sys

import httpx

from chassis.testing.eventually import PATIENCE_SECONDS

if __name__ == "__main__":
    print("ready", flush=True)
    bearer = {"Authorization": f"Bearer {sys.stdin.readline().strip()}"}
    session = f"{os.environ['URL']}/api/v1/session"
    with httpx.Client(base_url=session, headers=bearer, timeout=PATIENCE_SECONDS) as http:
        while True:
            told, _, _ = select.select([sys.stdin], [], [], 1.0)
            if not told:
                http.put("/heartbeat")
            elif desk_id := sys.stdin.readline().strip():
                print(http.put("/desk", json={"desk_id": desk_id}).text, flush=True)
            else:
                break

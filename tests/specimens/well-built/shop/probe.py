"""Asks the service whether it is up: the container's health check."""

import sys
import urllib.request

if __name__ == "__main__":
    with urllib.request.urlopen("http://127.0.0.1:8000/health", timeout=2) as response:
        sys.exit(0 if response.status == 200 else 1)

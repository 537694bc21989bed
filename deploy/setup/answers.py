#!/usr/bin/env python
"""Whether something accepts connections on a unix socket: the health check of containers without curl."""

import socket
import sys

with socket.socket(socket.AF_UNIX) as door:
    door.settimeout(5)
    try:
        door.connect(sys.argv[1])
    except OSError as error:
        sys.exit(f"{sys.argv[1]}: {error.strerror}")

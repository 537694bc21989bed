"""`python -m minispaces_runner.proxy`: become the proxy.

Apart from the runner's own program: while a proxy that died comes back, visitors wait for all that is imported here.
"""

import sys

from minispaces_runner.haproxy import ProxyMissingError, become_proxy
from minispaces_runner.settings import RunnerSettings

if __name__ == "__main__":
    try:
        become_proxy(RunnerSettings())
    except ProxyMissingError as error:
        sys.exit(str(error))

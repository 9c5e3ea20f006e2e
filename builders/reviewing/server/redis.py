"""A Redis for the review server where there is none on the machine: `python -m builders.reviewing.server.redis PORT`.

Argilla keeps in it what it has still to do, such as telling other servers about responses; nothing that a round needs.
"""

import sys

from fakeredis import TcpFakeServer


def main() -> None:
    """Serve on the loopback until the process is stopped."""
    TcpFakeServer(("127.0.0.1", int(sys.argv[1])), server_type="redis").serve_forever()


if __name__ == "__main__":
    main()

"""git's packet lines, as far as answering a push needs them. Pure."""

FLUSH = b"0000"
DATA, PROGRESS, FATAL = 1, 2, 3
"""The side band's channels: the report for git, words for the person, and words that end the push with an error."""

_BAND_MAX = 65_515


def packet(data: bytes) -> bytes:
    return b"%04x" % (len(data) + 4) + data


def on_band(band: int, data: bytes) -> bytes:
    """`data` on a channel, in as many packets as it takes."""
    pieces = [data[start : start + _BAND_MAX] for start in range(0, len(data), _BAND_MAX)] or [b""]
    return b"".join(packet(bytes([band]) + piece) for piece in pieces)


KEEPALIVE = packet(bytes([PROGRESS]))


class PacketReader:
    """Splits a byte stream into whole packets; `rest` holds what is not whole yet."""

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Whole packets, heads included. Raises ValueError for what is no packet line."""
        self.rest += data
        packets: list[bytes] = []
        while len(self.rest) >= 4:  # noqa: PLR2004 - the head's length
            size = max(int(self.rest[:4], 16), 4)
            if len(self.rest) < size:
                break
            packets.append(self.rest[:size])
            self.rest = self.rest[size:]
        return packets


def band_of(packet_line: bytes) -> int | None:
    """The channel, or None for a flush."""
    return None if packet_line == FLUSH else packet_line[4]

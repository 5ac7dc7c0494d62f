"""The bounds of the media process; an operator may raise them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Defaults suit one machine on a 1 Gbit/s line."""

    kbps_max: int = 8_000
    pixels_max: int = 1920 * 1088
    message_bytes_max: int = 4 << 20
    publishers_max: int = 200
    connections_max: int = 20_000
    flv_readers_max: int = 4_000
    flv_backlog_bytes_max: int = 4 << 20
    flv_stuck_s_max: int = 10
    silence_s_max: int = 15
    hello_s_max: int = 5
    grace_s: int = 600
    live_s_max: int = 12 * 3600
    disk_free_bytes_min: int = 2 << 30
    write_backlog_max: int = 128
    facts_max: int = 4_096
    covers_at_once: int = 1
    cover_every_s: int = 600
    look_every_s: float = 1.0

"""The gateway, from its pure room to real sockets."""

"""Values and pure functions: no I/O, no framework, no state. Everything may import it."""

"""Killable children of the media process, under limits: the only code that loads libav."""

"""The operator's acts."""

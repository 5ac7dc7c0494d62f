"""Tools of the house: lint contracts, build metadata, generators. Not shipped."""

"""What was tested of a lot, by whom, and whether it meets its grade; nothing is changed after."""

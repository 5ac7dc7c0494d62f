"""People, organizations, roles, sign-in, addresses, standings, messages.

Invariant: phones, recipients and addresses of people are stored sealed and found by blind index
only; a session's token says what the rows said when it was made, and a newer row always wins.
"""

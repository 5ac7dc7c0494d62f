"""What needs several floors at once: traces from lots to orders and back, recalls, claims on sale.

A recall reaches every order line that a box of its lots went to.
"""

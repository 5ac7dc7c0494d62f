"""Simulators of payment providers over real HTTP, with keys and signatures of their own.

They share no code with the adapters: what one side signs, the other must be able to verify.
"""

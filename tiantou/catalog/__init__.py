"""Crops and varieties as facts, products and their packs. What is in a box never changes under its
id: another variety, grade, unit, net weight or piece count makes another pack.
"""

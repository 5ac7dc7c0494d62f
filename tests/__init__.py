"""Tests of Tiantou: a mirror of the package, the product's stories, and the browser."""

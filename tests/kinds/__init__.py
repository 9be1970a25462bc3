"""Inputs of every kind that goes wrong somewhere, made here, with the right value for each."""

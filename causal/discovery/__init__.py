"""Graphs proposed from data, edge by edge: something to argue with, never the truth."""

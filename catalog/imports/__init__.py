"""Imports of datasets: one module a dataset, each reading the layouts it is distributed in.

Rows are streamed in batches that are stored whole, so memory is bounded and a kill leaves what was
stored; an import that is run again changes nothing but what has changed. A row that cannot be read
is counted and reported, and the rest goes in.
"""

"""Spark, the second engine for whole SQL tables."""

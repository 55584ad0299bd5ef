"""Cluster of machines as one site: Ray finds live nodes, the Fleet assigns cameras."""

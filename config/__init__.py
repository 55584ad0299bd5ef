"""Typed, validated and frozen configuration of a site; imports no other package of the product."""

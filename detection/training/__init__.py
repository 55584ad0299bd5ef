"""Training of the product's own weights: pictures in, shipped weights and a card out.

`recipe` configures, `sources` reads licensed sets, `synthetic*` draws what they lack, `build`
writes the set, `trainer` trains, `measure` scores, `card` documents.
"""

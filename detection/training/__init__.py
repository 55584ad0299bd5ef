"""Weights of our own: labelled pictures and starting weights in, shipped weights and a card out.

`recipe` says what is asked for, `sources` reads sets whose licence is clear, `made*` makes what
they lack, `build` writes the training set, `trainer` trains and resumes, `measure` scores by class,
`card` writes down what came of it. Nothing here runs while cameras are watched.
"""

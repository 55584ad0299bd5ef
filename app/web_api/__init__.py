"""What all routes of the web API share: access, errors, messages, middleware, forms.

Routes stand with their features; `centre.web.application` puts them together. Everything here runs
in the centre's process: sync archive calls in a bounded thread pool, streams on the loop.
"""

"""What every request passes before any route: limits, the checks of host and origin, the headers.

Plain ASGI layers, outermost first: `SecurityHeaders`, `ErrorHandling`, `TrustedHost`,
`BodySizeLimit`, `ConcurrencyLimit`. Below them, `http_protocol` bounds the connections themselves.
"""

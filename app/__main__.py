"""`python -m app` is `thapcanh`: the supervisor starts its children this way."""

from app.command_line import main

raise SystemExit(main())

"""`python -m app` is `thapcanh`: the supervisor starts its children this way."""

from app.cli.main import main

raise SystemExit(main())

"""`python -m thapcanh` is `thapcanh`: the supervisor starts its children this way."""

from thapcanh.app.cli.main import main

raise SystemExit(main())

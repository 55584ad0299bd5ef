"""Reports of any period on screens, in workbooks and on paper."""

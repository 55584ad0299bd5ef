"""The local time of every site: what days, hours of rules and printed times are counted in."""

from datetime import timedelta, timezone

LOCAL_TZ = timezone(timedelta(hours=7))  # Asia/Ho_Chi_Minh has no summer time

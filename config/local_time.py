"""Local time of every site, for days, hours of rules and printed times."""

from datetime import timedelta, timezone

LOCAL_OFFSET = timedelta(hours=7)  # Asia/Ho_Chi_Minh has no summer time
LOCAL_TZ = timezone(LOCAL_OFFSET)

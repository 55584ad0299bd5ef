"""moto's server in the place of S3-compatible storage, on a port of its own."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore.session
import pytest
from botocore.config import Config

from thapcanh.config.storage import S3Config

KEY_ID, SECRET = "key-id-0f-tests", "s3-s3cret-0f-tests"


def s3_settings(endpoint: str, bucket: str = "evidence", **changes: Any) -> S3Config:
    whole = {"endpoint": endpoint, "bucket": bucket, "key_id": KEY_ID, "secret": SECRET}
    return S3Config.model_validate({**whole, **changes})


class S3Server:
    """Buckets for tests. Every server of a process serves the same ones: each name is new."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.client: Any = botocore.session.Session().create_client(
            "s3",
            region_name="us-east-1",
            endpoint_url=endpoint,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            config=Config(proxies={}),
        )

    @classmethod
    @contextmanager
    def started(cls, ip: str = "127.0.0.1") -> Iterator["S3Server"]:
        moto = pytest.importorskip("moto.server")
        server = moto.ThreadedMotoServer(ip_address=ip, port=0, verbose=False)
        server.start()
        try:
            host, port = server.get_host_and_port()
            yield cls(f"http://{host}:{port}")
        finally:
            server.stop()

    def new_bucket(self) -> str:
        name = f"evidence-{secrets.token_hex(8)}"
        self.client.create_bucket(Bucket=name)
        return name

    def keys(self, bucket: str) -> set[str]:
        """What the bucket holds."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {one["Key"] for page in pages for one in page.get("Contents", ())}

    def settings(self, bucket: str, **changes: Any) -> S3Config:
        return s3_settings(self.endpoint, bucket, prefix="site/a", **changes)

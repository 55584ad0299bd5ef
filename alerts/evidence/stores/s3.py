"""Evidence store in S3-compatible storage, with the same paths and seals as in a folder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from thapcanh.alerts.evidence.stores.durable_files import file_sha256
from thapcanh.alerts.evidence.stores.folder import named
from thapcanh.alerts.evidence.stores.s3_connection import S3Connection
from thapcanh.alerts.evidence.stores.store import StoredFile, StoreRoom, stored_sha256
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.alerts.store.errors import (
    EvidenceFailed,
    EvidenceMissing,
    EvidenceOutside,
    EvidenceUnusable,
)
from thapcanh.config.storage import S3Config
from thapcanh.ingest.address_guard import AS_WRITTEN, AddressGuard
from thapcanh.ingest.store_identity import STORE_ID_FILE

_MAX_ID_BYTES = 64


class S3Store:
    """Files below one prefix of one bucket; thread-safe."""

    def __init__(self, settings: S3Config, guard: AddressGuard = AS_WRITTEN) -> None:
        self._s3 = S3Connection(settings, guard)

    @property
    def shown(self) -> str:
        """Endpoint, bucket and prefix."""
        return self._s3.shown

    def put(self, source: Path, ref: EvidenceRef) -> None:
        """Upload a sealed file, unless it is there; the store confirms it by its hash."""
        try:
            is_local = source.exists()
            if (ref.kind is not EvidenceKind.MANIFEST or not is_local) and self._has(ref):
                return
            if not is_local:
                raise EvidenceUnusable(f"gone from the worker's disk: {ref.path}")
            if source.stat().st_size != ref.bytes or file_sha256(source) != ref.sha256:
                raise EvidenceUnusable(f"{ref.path} is not what was sealed")
            self._upload(source, ref)
        except OSError as error:
            raise named(error, ref.path) from error

    def find(self, relative: str) -> StoredFile:
        """Return the file; a missing bucket is told from a missing file."""
        try:
            return self._head(relative)
        except EvidenceMissing:
            self.read_id()  # an answer without a body says of both the same
            raise

    def _head(self, relative: str) -> StoredFile:
        with self._s3.named(relative):
            head = self._s3.client.head_object(Bucket=self._s3.bucket, Key=self._key(relative))
        return StoredFile(
            bytes=int(head["ContentLength"]),
            changed_at=head["LastModified"].timestamp(),
            version=str(head["ETag"]),
        )

    def read(self, relative: str, found: StoredFile, *, first: int = 0) -> Iterator[bytes]:
        """Yield the bytes from `first` on, of the version that was found."""
        if first >= found.bytes:
            return
        key = self._key(relative)
        with self._s3.named(relative):
            reply = self._s3.client.get_object(
                Bucket=self._s3.bucket, Key=key, IfMatch=found.version, **_from(first)
            )
            try:
                _require_part(reply, relative, first)
            except BaseException:
                reply["Body"].close()
                raise
            yield from self._s3.pieces(reply, relative)

    def delete(self, relative: str) -> int:
        """Delete a file; return the bytes freed."""
        try:
            size = self.find(relative).bytes
        except EvidenceMissing:
            return 0
        with self._s3.named(relative):
            self._s3.client.delete_object(Bucket=self._s3.bucket, Key=self._key(relative))
        return size

    def paths(self) -> Iterator[str]:
        pages = self._s3.client.get_paginator("list_objects_v2")
        with self._s3.named(self.shown):
            for page in pages.paginate(Bucket=self._s3.bucket, Prefix=self._s3.prefix):
                for one in page.get("Contents", ()):
                    path = str(one["Key"]).removeprefix(self._s3.prefix)
                    if path != STORE_ID_FILE:
                        yield path

    def free_bytes(self) -> int | None:
        return None

    def room(self) -> StoreRoom | None:
        return None

    def read_id(self) -> str | None:
        try:
            with self._s3.named(STORE_ID_FILE):
                reply = self._s3.client.get_object(
                    Bucket=self._s3.bucket, Key=self._s3.prefix + STORE_ID_FILE
                )
                text: bytes = reply["Body"].read(_MAX_ID_BYTES)
        except EvidenceMissing:
            return None
        return text.decode("ascii", errors="replace").strip() or None

    def give_id(self, store_id: str) -> None:
        """Write the id unless there is one; the store refuses a second writer."""
        from botocore.exceptions import ClientError

        with self._s3.named(STORE_ID_FILE):
            try:
                self._s3.client.put_object(
                    Bucket=self._s3.bucket,
                    Key=self._s3.prefix + STORE_ID_FILE,
                    Body=f"{store_id}\n".encode("ascii"),
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if error.response["Error"]["Code"] not in _ACCEPTED:
                    raise

    def _has(self, ref: EvidenceRef) -> bool:
        """Return whether it is stored under its seal. Raise `EvidenceUnusable` for another seal."""
        try:
            is_same = self._head(ref.path).bytes == ref.bytes
            is_same = is_same and stored_sha256(self, ref.path) == ref.sha256
        except EvidenceMissing:
            return False
        if not is_same:
            raise EvidenceUnusable(f"{ref.path} is there already, and evidence is never changed")
        return True

    def _upload(self, source: Path, ref: EvidenceRef) -> None:
        with self._s3.named(ref.path), source.open("rb") as file:
            self._s3.client.put_object(
                Bucket=self._s3.bucket,
                Key=self._key(ref.path),
                Body=file,
                ContentLength=ref.bytes,
                Metadata={"sha256": ref.sha256},
            )

    def _key(self, relative: str) -> str:
        key = self._s3.key(relative)
        if key is None:
            raise EvidenceOutside(f"outside the evidence store: {relative!r}")
        return key


_ACCEPTED = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


def _from(first: int) -> dict[str, str]:
    return {"Range": f"bytes={first}-"} if first else {}


def _require_part(reply: Any, relative: str, first: int) -> None:
    """Raise unless the store answered with the requested range."""
    starts = str(reply.get("ContentRange", "bytes 0-")).removeprefix("bytes ").partition("-")[0]
    if starts != str(first):
        raise EvidenceFailed(f"the S3 store sends another part of {relative} than was asked for")

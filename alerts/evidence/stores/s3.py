"""Evidence and recordings in S3-compatible storage."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from thapcanh.alerts.evidence.stores.durable_files import file_sha256
from thapcanh.alerts.evidence.stores.folder import named
from thapcanh.alerts.evidence.stores.s3_connection import S3Connection
from thapcanh.alerts.evidence.stores.store import StoredFile, StoreRoom, stored_sha256
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.alerts.store.errors import (
    EvidenceError,
    EvidenceFailed,
    EvidenceMissing,
    EvidenceOutside,
    EvidenceUnusable,
)
from thapcanh.config.storage import S3Config
from thapcanh.ingest.address_guard import AS_WRITTEN, AddressGuard
from thapcanh.ingest.recording.store.objects import (
    PAGE,
    ListingTooLong,
    ObjectMissing,
    ObjectStoreError,
    StoredObject,
)
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


class S3Objects:
    """Objects below one prefix of one bucket; thread-safe."""

    def __init__(self, settings: S3Config, guard: AddressGuard = AS_WRITTEN) -> None:
        self._s3 = S3Connection(settings, guard)

    @property
    def shown(self) -> str:
        """Endpoint, bucket and prefix."""
        return self._s3.shown

    def put(self, key: str, content: Path | bytes) -> None:
        """Upload; the store confirms it by its hash. Raises `OSError` for the file."""
        if isinstance(content, bytes):
            with self._named(key):
                self._s3.client.put_object(Bucket=self._s3.bucket, Key=self._key(key), Body=content)
            return
        with content.open("rb") as file, self._named(key):
            self._s3.client.put_object(Bucket=self._s3.bucket, Key=self._key(key), Body=file)

    def read(self, key: str) -> Iterator[bytes]:
        with self._named(key):
            reply = self._s3.client.get_object(Bucket=self._s3.bucket, Key=self._key(key))
            yield from self._s3.pieces(reply, key)

    def listed(
        self, prefix: str, *, after: str = "", most: int, page: int = PAGE
    ) -> Iterator[StoredObject]:
        """Yield objects page by page; stop if the store repeats itself or goes back."""
        last, token = after, None
        for _ in range(most):
            with self._named(prefix):
                reply = self._s3.client.list_objects_v2(
                    Bucket=self._s3.bucket,
                    Prefix=self._s3.prefix + prefix,
                    MaxKeys=page,
                    **({"StartAfter": self._s3.prefix + last} if last else {}),
                    **({"ContinuationToken": token} if token else {}),
                )
                reported = [
                    (str(one["Key"]), int(one["Size"])) for one in reply.get("Contents", ())
                ]
            for key, size in reported:
                most -= 1
                if most < 0:
                    raise ListingTooLong(f"S3 store {self.shown} lists too much below {prefix}")
                own = key.removeprefix(self._s3.prefix)
                if own > last and key.startswith(self._s3.prefix + prefix):
                    last = own
                    yield StoredObject(key=own, size_bytes=size)
            if not reply.get("IsTruncated"):
                return
            token = None if reported else reply.get("NextContinuationToken")
            if not reported and not token:  # "nothing is held" must not be read out of this
                raise ObjectStoreError(f"S3 store {self.shown} breaks off its list of {prefix}")

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects, a thousand per request if the store supports that."""
        named = [{"Key": self._key(key)} for key in keys]
        for at in range(0, len(named), PAGE):
            part = named[at : at + PAGE]
            if len(part) == 1 or not self._deleted(part):
                for one in part:
                    with self._named(one["Key"]):
                        self._s3.client.delete_object(Bucket=self._s3.bucket, **one)

    def _deleted(self, part: Sequence[dict[str, str]]) -> bool:
        """Delete a list in one request; return False if the store does not support it."""
        try:
            with self._named(f"{len(part)} recordings"):
                reply = self._s3.client.delete_objects(
                    Bucket=self._s3.bucket, Delete={"Objects": part, "Quiet": True}
                )
        except ObjectStoreError:
            return False
        return not reply.get("Errors")

    @contextmanager
    def _named(self, what: str) -> Iterator[None]:
        try:
            with self._s3.named(what):
                yield
        except EvidenceMissing as error:
            raise ObjectMissing(str(error)) from None
        except EvidenceError as error:
            raise ObjectStoreError(str(error)) from None

    def _key(self, key: str) -> str:
        whole = self._s3.key(key)
        if whole is None:
            raise ObjectStoreError(f"not a key of recordings: {key!r}")
        return whole

"""Recordings in S3-compatible storage, below another prefix than evidence."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from thapcanh.alerts.evidence.stores.s3_connection import S3Connection
from thapcanh.alerts.store.errors import EvidenceError, EvidenceMissing
from thapcanh.config.storage import S3Config
from thapcanh.ingest.address_guard import AS_WRITTEN, AddressGuard
from thapcanh.ingest.recording.store.objects import (
    PAGE,
    ListingTooLong,
    ObjectMissing,
    ObjectStoreError,
    StoredObject,
)


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

"""Whole configuration of a site as one frozen object."""

from collections.abc import Mapping
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SerializeAsAny, ValidationInfo, model_validator
from pydantic_core import PydanticKnownError

from thapcanh.config.camera import CameraConfig, CameraIndex, PtzConfig
from thapcanh.config.devices import (
    CotReceiverConfig,
    DeviceConfig,
    ExchangeConfig,
    PanelReceiverConfig,
)
from thapcanh.config.dispatch.run_cards import RunCardConfig
from thapcanh.config.file_path import FilePath
from thapcanh.config.frozen import Frozen, Id, Name
from thapcanh.config.map import MapConfig
from thapcanh.config.rules import KINDS, LABELS, Label, Rule, TrackedRule
from thapcanh.config.servers.cap_feeds import CapFeedConfig
from thapcanh.config.servers.login_providers import LdapConfig, OidcConfig
from thapcanh.config.servers.networks import Network, NetworksConfig
from thapcanh.config.servers.processes import ClusterConfig, LogConfig, LogHeads, MetricsConfig
from thapcanh.config.servers.server_url import (
    ArchiveUrl,
    PublicUrl,
    QueueUrl,
    SentinelUrl,
    check_service,
)
from thapcanh.config.servers.siem import SiemConfig
from thapcanh.config.storage import EvidenceConfig, RecordingConfig, RetentionConfig
from thapcanh.config.targets import TargetConfig


class SiteFacts(Frozen):
    """Operator of the site and the location of its data."""

    name: Name = "Trung tâm Thông tin chỉ huy"
    locale: Literal["vi", "en"] = "vi"
    data_dir: FilePath = Path("data")
    cache_dir: FilePath | None = None
    map: FilePath | None = None


class CentreConfig(Frozen):
    """Address of the screens and the web API."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    behind_tls: bool = False
    certificate: FilePath | None = None
    key: FilePath | None = None
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()  # believed beside one on this machine
    names: tuple[str, ...] = ()
    public_url: PublicUrl | None = None  # for phones, walls, colleagues; else as the browser asked
    second_factor_key: FilePath | None = None  # encrypts code generators' secrets
    places_file: FilePath | None = None  # wards and streets of addresses (`docs/servers.md`)
    statistics_form: FilePath | None = None  # rows and titles of the statistics' exports
    report_hour: int = Field(default=0, ge=0, le=23)  # begins a day of the situation report

    @property
    def is_tls(self) -> bool:
        """True if browsers use https, by a proxy or by the centre's own certificate."""
        return self.behind_tls or self.certificate is not None

    @property
    def host_names(self) -> frozenset[str]:
        """Every name it is reached by beside its address."""
        public = urlsplit(self.public_url).hostname if self.public_url else None
        return frozenset(self.names) | ({public} if public else frozenset())

    @model_validator(mode="after")
    def _checked(self) -> "CentreConfig":
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together, one is missing")
        if self.behind_tls and self.certificate is not None:
            raise ValueError("behind_tls and certificate exclude each other: who speaks TLS?")
        if self.proxies and not self.behind_tls:
            raise ValueError("proxies needs behind_tls = true")
        if self.is_tls and self.public_url and not self.public_url.startswith("https:"):
            raise ValueError("public_url begins with http://, but browsers come by https")
        return self


class QueueConfig(Frozen):
    """Redis or Valkey URL; without one, an embedded Valkey is started."""

    url: QueueUrl | None = None
    sentinels: tuple[SentinelUrl, ...] = ()
    """Who says which server is the primary; the host of `url` is then their service's name."""
    embedded_port: int = Field(default=0, ge=0, le=65535)
    embedded_dir: FilePath | None = None
    """Where the embedded queue keeps its entries; without it, a folder of the data folder."""
    embedded_max_mb: int = Field(default=512, ge=64, le=65536)
    """The most that waits there; what comes then stays in the workers' spools."""
    replicas: int = Field(default=0, ge=0, le=5)
    """How many replicas must hold an event before the worker lets go of it."""
    signed_only: bool | None = None
    """Only entries of enrolled workers count; without a word, once a first one is enrolled."""

    @model_validator(mode="after")
    def _checked(self) -> "QueueConfig":
        if self.replicas and self.url is None:
            raise ValueError("replicas needs a url: the embedded queue has none")
        if self.sentinels:
            check_service(self.url)
        return self


class ArchiveConfig(Frozen):
    """PostgreSQL URL; without one, SQLite in the data folder."""

    url: ArchiveUrl | None = None
    log_key: FilePath | None = None  # signs the action log's end; every centre has the same


class RegistryConfig(Frozen):
    """Location of cameras, rules, agencies and areas; with `fleet` workers receive them."""

    source: Literal["files", "database", "fleet"] = "files"


class WorkerConfig(Frozen):
    """Number of worker processes; 0 derives it from cores and cameras."""

    count: int = Field(default=0, ge=0, le=256)


ANY_DETECTOR = "auto"
Device = Annotated[
    Literal["auto", "cpu", "gpu", "npu"], BeforeValidator(lambda name: str(name).lower())
]  # OpenVINO writes them in capitals

Providers = tuple[Literal["tensorrt", "cuda", "rocm", "directml", "openvino", "cpu"], ...]


class ModelConfig(Frozen):
    """Weights of a detector and their device."""

    weights: str
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    kind: str = Field(default=ANY_DETECTOR, pattern=r"^[a-z][a-z0-9_]{0,31}$")
    """A kind of detector by its name; auto: what suits the device."""
    device: Device = "auto"
    providers: Providers = ()
    """Of the kind `onnx`, in this order; empty: `cuda` where the device allows it, then `cpu`."""
    classes: Mapping[str, Name] = {}
    """What a model's own classes are called here: `{ flame = "fire" }`."""
    image_size_px: int = Field(default=416, ge=160, le=1280, multiple_of=32)
    threads: int = Field(default=1, ge=1, le=64)
    precision: Literal["auto", "float32"] = "auto"
    """On a CPU. auto: bfloat16 where the processor has it; float32: the same boxes everywhere."""


class ObjectModelConfig(ModelConfig):
    """A second detector, for the rules that name one of its `labels`."""

    image_size_px: int = Field(default=640, ge=160, le=1280, multiple_of=32)
    labels: Annotated[tuple[Label, ...], Field(min_length=1)]  # that rules get from it alone
    interval_s: float = Field(default=0.5, gt=0, le=5)  # between two inferences of one camera

    def as_detector(self) -> "DetectorConfig":
        """Return the settings with which kinds of detector load it."""
        return DetectorConfig(**self.model_dump(include=set(ModelConfig.model_fields)))


class DetectorConfig(ModelConfig):
    """Detector of fire and smoke, people and vehicles, and what stands beside it."""

    weights: str = "watch8n"
    objects: ObjectModelConfig | None = None
    second_witness: bool = True
    """True if a second model is asked about what would be told as fire or smoke."""
    witness: FilePath | None = None
    """A folder that `thapcanh train witness --site` made; without, the shipped one."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Classes of people, vehicles and things that rules may name."""
        others = () if self.objects is None else self.objects.labels
        return tuple(dict.fromkeys((*LABELS, *others)))

    def uses_objects(self, rule: Rule) -> bool:
        """Return whether the rule names a class of the second detector."""
        labels = set() if self.objects is None else set(self.objects.labels)
        return isinstance(rule, TrackedRule) and not labels.isdisjoint(rule.classes)


class DecodeConfig(Frozen):
    """Decoder of the watched cameras; the processor is the fallback."""

    device: Literal["cpu", "vaapi", "qsv", "cuda"] = "cpu"
    node: str | None = None
    """Which of several: `/dev/dri/renderD128` for vaapi and qsv, a number for cuda."""


class InferenceConfig(Frozen):
    """Inference rate per camera, and the guaranteed minimum under load."""

    interval_s: float = Field(default=0.5, gt=0, le=5)
    deadline_s: float = Field(default=5.0, gt=0, le=60)
    sleep: bool = True
    regions: bool = True


class LearnedSuppressionConfig(Frozen):
    """Learned suppression: for how long a rejected place is quiet, and what ends it."""

    after_rejection_s: float = Field(default=900.0, ge=0, le=86_400)
    surer_by: float = Field(default=0.15, gt=0, le=1)
    agrees_within_m: float = Field(default=300.0, ge=0, le=10_000)


def _existing_kind(kind: object, info: ValidationInfo) -> object:
    """Refuse a kind that no rule is of, in the words of a `Literal` of all kinds."""
    kinds = None if info.context is None else info.context[KINDS]
    if kinds is not None and kind not in kinds:
        *most, last = (repr(each) for each in kinds)
        raise PydanticKnownError("literal_error", {"expected": f"{', '.join(most)} or {last}"})
    return kind


Kind = Annotated[str, BeforeValidator(_existing_kind)]


class DrillScenario(Frozen):
    """Recording of a past event for drills."""

    id: Id
    name: Name
    video: FilePath
    at_s: float = Field(default=5.0, ge=0)
    kind: Kind = "fire"
    priority: Literal[1, 2, 3] = 1
    box: tuple[float, float, float, float] = (0.25, 0.25, 0.5, 0.5)
    right_verdict: Literal["confirmed", "rejected"] = "confirmed"


class FeaturesConfig(Frozen):
    """Which of the features that a site can do without it has; None: all of them."""

    on: tuple[Id, ...] | None = None


class DrillsConfig(Frozen):
    """Time limits of drills, and recordings beside the two built-in ones."""

    limit_s: float = Field(default=600.0, ge=30, le=7200)
    scenarios: tuple[DrillScenario, ...] = ()


class Agency(Frozen):
    """An owner of cameras."""

    id: Id
    name: Name
    phone: str | None = None


class Area(Frozen):
    """A place in the city's tree of city and wards."""

    id: Id
    name: Name
    parent: Id | None = None


class Site(Frozen):
    """Everything the site decided."""

    site: SiteFacts = SiteFacts()
    centre: CentreConfig = CentreConfig()
    queue: QueueConfig = QueueConfig()
    archive: ArchiveConfig = ArchiveConfig()
    registry: RegistryConfig = RegistryConfig()
    networks: NetworksConfig = NetworksConfig()
    ptz: PtzConfig = PtzConfig()
    worker: WorkerConfig = WorkerConfig()
    cluster: ClusterConfig = ClusterConfig()
    detector: DetectorConfig = DetectorConfig()
    decode: DecodeConfig = DecodeConfig()
    looks: InferenceConfig = InferenceConfig()
    evidence: EvidenceConfig = EvidenceConfig()
    recording: RecordingConfig = RecordingConfig()
    quiet_places: LearnedSuppressionConfig = LearnedSuppressionConfig()
    retention: RetentionConfig = RetentionConfig()
    metrics: MetricsConfig = MetricsConfig()
    oidc: OidcConfig = OidcConfig()
    ldap: LdapConfig = LdapConfig()
    log: LogConfig = LogConfig()
    log_heads: LogHeads = LogHeads()
    siem: SiemConfig = SiemConfig()
    drills: DrillsConfig = DrillsConfig()
    features: FeaturesConfig = FeaturesConfig()
    map: MapConfig = MapConfig()
    agencies: tuple[Agency, ...] = ()
    areas: tuple[Area, ...] = ()
    cameras: tuple[CameraConfig, ...] = ()
    rules: tuple[SerializeAsAny[Rule], ...] = ()
    targets: tuple[SerializeAsAny[TargetConfig], ...] = ()
    devices: tuple[DeviceConfig, ...] = ()
    receivers: tuple[PanelReceiverConfig, ...] = ()
    cot_receivers: tuple[CotReceiverConfig, ...] = ()
    exchanges: tuple[ExchangeConfig, ...] = ()
    cap_feeds: tuple[CapFeedConfig, ...] = ()
    run_cards: tuple[RunCardConfig, ...] = ()

    @property
    def camera_networks(self) -> tuple[Network, ...]:
        """Networks to which names of watched cameras may resolve; empty means any other machine."""
        return () if self.registry.source == "files" else self.networks.cameras

    def camera(self, camera_id: str) -> CameraConfig | None:
        return self._index.find(self.cameras, camera_id)

    @cached_property
    def _index(self) -> "CameraIndex":
        """Camera index; not a field, so that it does not take part in equality."""
        return CameraIndex()

    def device(self, device_id: str) -> DeviceConfig | None:
        return next((device for device in self.devices if device.id == device_id), None)

    def rules_of(self, camera: CameraConfig) -> tuple[Rule, ...]:
        """Return the rules that watch this camera and whose zone or line exists on it."""
        drawn = camera.shapes()
        on_it = (rule for rule in self.rules if rule.applies_to(camera.id))
        return tuple(rule for rule in on_it if drawn.issuperset(rule.shapes()))

"""What the configuration means for the parts of the centre: where it listens, how alerts live."""

import socket

from alerts.alert.agreement import AgreementSettings
from alerts.alert.deduplication import DedupSettings
from alerts.lifecycle.neighbourhood import AreaSettings
from alerts.lifecycle.policy import AlertPolicy
from alerts.store.database import Database
from app.centre.web.server import Listen
from app.live.whip.phone_links import PhoneLink
from app.site.site_paths import site_paths_of
from app.web_api.access.factor_secrets import FactorSecrets, kept_secrets
from app.web_api.prefix import PREFIX
from config.site import CentreConfig as CentreSettings
from config.site import LearnedSuppressionConfig, Site
from ingest.sources.tls_relay import fingerprint_of_file


def listen_on(centre: CentreSettings) -> Listen:
    """Return where and how the web face listens."""
    return Listen(
        host=centre.host,
        port=centre.port,
        behind_tls=centre.behind_tls,
        certificate=centre.certificate,
        key=centre.key,
        proxies=tuple(map(str, centre.proxies)),
    )


def archive_settings(quiet: LearnedSuppressionConfig) -> AlertPolicy:
    """The archive's rules, with what the site decided about rejected places."""
    return AlertPolicy(
        episode=DedupSettings(
            quiet_after_rejection_s=quiet.after_rejection_s,
            surer_by=quiet.surer_by,
            agrees_within_m=quiet.agrees_within_m,
        ),
        area=AreaSettings(agreement=AgreementSettings(within_m=quiet.agrees_within_m)),
    )


def feed_address(site: Site, link: PhoneLink, key: str) -> str:
    """Where workers open a phone's pictures: this machine, under a name that theirs knows."""
    host = site.centre.host
    if host in ("0.0.0.0", "::", ""):
        host = "127.0.0.1" if site.queue.url is None else socket.gethostname()
    shown = f"[{host}]" if ":" in host else host
    path = f"{PREFIX}/phone-feeds/{link.camera.id}"
    scheme = "http" if site.centre.certificate is None else "https"
    return f"{scheme}://{shown}:{site.centre.port}{path}?key={key}"


def own_fingerprint(site: Site) -> str | None:
    """What workers on any machine believe the centre by, where it speaks TLS itself."""
    certificate = site.centre.certificate
    return None if certificate is None else fingerprint_of_file(certificate)


def secrets_of_factors(site: Site, database: Database) -> FactorSecrets:
    """Code generators' secrets, with the key that the site names or its data folder holds."""
    key = site.centre.second_factor_key or site_paths_of(site).second_factor_key
    return kept_secrets(key, database)

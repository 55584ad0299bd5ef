"""What the configuration means for the parts of the centre: where it listens, how alerts live."""

from alerts.alert.agreement import AgreementSettings
from alerts.alert.deduplication import DedupSettings
from alerts.lifecycle.neighbourhood import AreaSettings
from alerts.lifecycle.policy import AlertPolicy
from alerts.store.database import Database
from app.centre.web.server import Listen
from app.site.site_paths import site_paths_of
from app.web_api.access.factor_secrets import FactorSecrets, kept_secrets
from config.site import CentreConfig as CentreSettings
from config.site import LearnedSuppressionConfig, Site


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


def secrets_of_factors(site: Site, database: Database) -> FactorSecrets:
    """Code generators' secrets, with the key that the site names or its data folder holds."""
    key = site.centre.second_factor_key or site_paths_of(site).second_factor_key
    return kept_secrets(key, database)

"""Settings of the archive and secrets, derived from the configuration."""

from thapcanh.alerts.alert.agreement import AgreementSettings
from thapcanh.alerts.alert.deduplication import DedupSettings
from thapcanh.alerts.lifecycle.nearby_reports import AreaSettings
from thapcanh.alerts.lifecycle.policy import AlertPolicy
from thapcanh.alerts.store.database import Database
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.app.web_api.access.factor_secrets import FactorSecrets, stored_secrets
from thapcanh.config.site import LearnedSuppressionConfig, Site


def archive_settings(quiet: LearnedSuppressionConfig) -> AlertPolicy:
    """Return the archive's policy with the site's settings for rejected places."""
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
    return stored_secrets(key, database)

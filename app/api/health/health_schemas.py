"""What is told of the health of centre and site."""

from app.api.health.readiness import Readiness
from app.api.schemas.base import ApiModel


class HealthResponse(ApiModel):
    """Whether this process serves and the site is watched; nothing else of the site."""

    status: Readiness

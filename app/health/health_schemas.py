"""What is told of the health of centre and site."""

from app.health.readiness import Readiness
from app.web_api.schemas import ApiModel


class HealthResponse(ApiModel):
    """Whether this process serves and the site is watched; nothing else of the site."""

    status: Readiness

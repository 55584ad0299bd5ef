"""The forms of OGC API Features, Part 1: a landing page, collections, and features of GeoJSON."""

from typing import Any, Literal

from app.web_api.schemas import ApiModel, Time


class LinkResponse(ApiModel):
    """Where something else is, and what it is to this."""

    href: str
    rel: str
    type: str = "application/json"
    title: str | None = None


class LandingResponse(ApiModel):
    """What there is."""

    title: str
    description: str
    links: list[LinkResponse]


class ConformanceResponse(ApiModel):
    """Which parts of the standard hold."""

    conformsTo: list[str]  # noqa: N815 the standard's name


class CollectionResponse(ApiModel):
    """Features of one kind."""

    id: str
    title: str
    description: str
    itemType: Literal["feature"] = "feature"  # noqa: N815 the standard's name
    crs: list[str]
    links: list[LinkResponse]


class CollectionsResponse(ApiModel):
    """All collections."""

    links: list[LinkResponse]
    collections: list[CollectionResponse]


class PointResponse(ApiModel):
    """A place: longitude, latitude (WGS 84)."""

    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


class FeatureResponse(ApiModel):
    """One alert, incident or camera; without a place its `geometry` is null."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: PointResponse | None
    properties: dict[str, Any]


class FeaturePageResponse(ApiModel):
    """A page of features; the link `next` leads on."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    timeStamp: Time  # noqa: N815 the standard's name
    numberReturned: int  # noqa: N815 the standard's name
    links: list[LinkResponse]
    features: list[FeatureResponse]

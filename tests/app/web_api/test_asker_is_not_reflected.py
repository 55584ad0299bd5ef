"""What everybody may ask for, and a proxy may keep, says nothing of who asked first."""

import httpx
from defusedxml import ElementTree

from tests.app.web_api.centre import Centre
from thapcanh.app.web_api.access.endpoint_access import access_table
from thapcanh.app.web_api.access.permissions import OPEN

FEED = "/api/v1/public/notices.atom"
ATOM = "{http://www.w3.org/2005/Atom}"
ASKED_AT = "localhost:61234"


def _open_paths(centre: Centre) -> list[str]:
    """Every path that answers without a login; of those with a parameter, one that is nobody's."""
    found = {
        path.replace("{notice_id}", "x")
        for (method, path), access in access_table(centre.app()).items()
        if method == "GET" and access.roles is OPEN
    }
    return sorted(path for path in found if "{" not in path)


def test_the_public_feed_named_the_port_that_its_asker_wrote(centre: Centre, address: str) -> None:
    """A proxy kept it for everybody for half a minute."""
    paths = _open_paths(centre)
    assert FEED in paths
    headers = {"Host": ASKED_AT, "X-Forwarded-Host": ASKED_AT, "X-Forwarded-Port": "61234"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as reader:
        for path in paths:
            answer = reader.get(path)
            assert "61234" not in f"{answer.text}{answer.headers}", path


def test_the_feed_names_the_sites_own_address_where_the_site_says_it(
    centre: Centre, address: str
) -> None:
    def hrefs() -> list[str]:
        feed = ElementTree.fromstring(
            httpx.get(address + FEED, trust_env=False, timeout=60).content
        )
        assert feed.findtext(f"{ATOM}id", "").startswith("urn:uuid:")
        return [one.get("href", "") for one in feed.findall(f"{ATOM}link")]

    assert hrefs() == ["notices.atom", "notices"]
    site = centre.site()
    named = site.centre.model_copy(update={"public_url": "https://canh.example/"})
    centre.site.replace(site.model_copy(update={"centre": named}))
    whole = "https://canh.example/api/v1/public/notices"
    assert hrefs() == [f"{whole}.atom", whole]

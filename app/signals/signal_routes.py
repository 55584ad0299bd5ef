"""Web route `POST /api/v1/signals`: a device's signal, by a token of the power `signal`.

The form is published as `alerts/schema/signal.v1.json`; docs/integration.md explains it.
"""

import logging
from typing import Annotated

from fastapi import APIRouter, Depends

from thapcanh.alerts.signals.signal_schema import SignalBody
from thapcanh.alerts.store.errors import KeyReused, SpoolError
from thapcanh.app.alert.command_answer import required_key
from thapcanh.app.signals.signal_receipts import DeviceFlood, DeviceUnregistered, SignalOutcome
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel, Time

log = logging.getLogger(__name__)
router = APIRouter(prefix=PREFIX, tags=["signals"])


class SignalResponse(ApiModel):
    """Receipt. `clock_ahead_s` is the error of the device's clock; then `at` is the arrival.

    `folded`: over the rate limit; counted, and only the newest state is used. `in_test`: recorded
    without raising an alert.
    """

    id: str
    outcome: SignalOutcome
    at: Time
    received_at: Time
    clock_ahead_s: float | None


@router.post("/signals", status_code=202)
@permits(EVERYONE, token=TokenScope.SIGNAL)
def receive_signal(
    signal: SignalBody,
    caller: CurrentUserDep,
    state: AppStateDep,
    key: Annotated[str, Depends(required_key)],
) -> SignalResponse:
    """Take a device's signal in; with the same key again, nothing more happens."""
    desk = state.part_or_none(SignalService)
    if caller.powers is None or desk is None:
        raise ApiError(403, "not_allowed")  # people report what they saw as a call
    try:
        receipt = desk.receive(signal, key, caller.scope)
    except DeviceUnregistered:
        raise ApiError(404, "device_unknown", device=signal.device_id) from None
    except DeviceFlood:
        headers = {"Retry-After": "1"}
        raise ApiError(429, "device_flood", headers=headers, device=signal.device_id) from None
    except SpoolError as error:
        log.error("signal of %s could not be saved: %s", signal.device_id, error)
        raise ApiError(503, "signal_not_saved", headers={"Retry-After": "2"}) from None
    except KeyReused:
        raise ApiError(409, "signal_key_reused") from None
    return SignalResponse(**{name: getattr(receipt, name) for name in SignalResponse.model_fields})

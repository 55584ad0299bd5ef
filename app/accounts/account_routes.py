"""Accounts for admins: listed, added, changed, disabled, given a new password."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import ConfigDict, Field

from thapcanh.alerts.accounts.account_changes import AccountChanged
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.accounts.account_rules import (
    AccountEditor,
    AccountRefusal,
    AccountRefused,
    account_version,
    is_of_provider,
)
from thapcanh.alerts.incidents.units.unit_store import UnitRepository
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.accounts.account_service import (
    AccountFields,
    AccountInvalid,
    AccountService,
    unlisted_names,
)
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.login_service import LoginService
from thapcanh.app.web_api.access.permissions import ADMINS
from thapcanh.app.web_api.access.scope_in_force import scope_in_force
from thapcanh.app.web_api.access.session_routes import end_at_once
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError, InvalidInput
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel, SpokenModel, Time

router = APIRouter(prefix=PREFIX, tags=["accounts"])

_STATUS = {
    AccountRefusal.UNKNOWN: 404,
    AccountRefusal.BEYOND_SCOPE: 403,
    AccountRefusal.ROLE_OF_SITE: 403,
}


_Name = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")
]
_Names = Annotated[
    frozenset[Annotated[str, Field(min_length=1, max_length=64)]],
    Field(min_length=1, max_length=500),
]


class AccountResponse(ApiModel):
    """An account as its admins see it. None for agencies or areas is all of them.

    `version` goes back with a change; `own` is the reader's, which another admin changes.
    """

    username: str
    name: str
    roles: list[Role]
    agencies: list[str] | None
    areas: list[str] | None
    disabled: bool
    unit: str | None
    of_provider: bool
    bound: bool = Field(description="to one person of the provider, by a login")
    factors: int
    own: bool
    created_at: Time
    version: str


class AccountListResponse(ApiModel):
    """Accounts that the caller manages."""

    items: list[AccountResponse]


class NewAccountResponse(ApiModel):
    """A new account and its generated password, which is shown only in this response."""

    account: AccountResponse
    password: str = Field(repr=False)


class AccountFieldsRequest(SpokenModel):
    """All that is decided of an account."""

    model_config = ConfigDict(extra="forbid")

    name: _Name
    roles: Annotated[frozenset[Role], Field(min_length=1)]
    agencies: _Names | None
    areas: _Names | None
    disabled: bool = False
    unit: Annotated[str, Field(max_length=64, pattern=r"^[\w.:-]+$")] | None = Field(
        default=None, description="of a crew: the unit for which it speaks"
    )

    def fields(self) -> AccountFields:
        return AccountFields(
            name=self.name.strip(),
            roles=self.roles,
            scope=DataFilter(agencies=self.agencies, areas=self.areas),
            disabled=self.disabled,
            unit=self.unit if Role.CREW in self.roles else None,
        )


class AddAccountRequest(AccountFieldsRequest):
    """A new account."""

    username: Annotated[str, Field(min_length=1, max_length=32)]


class ChangeAccountRequest(AccountFieldsRequest):
    """An account as it shall be, and what the form was filled from."""

    version: Annotated[str, Field(min_length=1, max_length=64)]


def account_response(user: User, reader: str, factors: int) -> AccountResponse:
    agencies, areas = user.scope.agencies, user.scope.areas
    return AccountResponse(
        username=user.username,
        name=user.name,
        roles=sorted(user.roles),
        agencies=None if agencies is None else sorted(agencies),
        areas=None if areas is None else sorted(areas),
        disabled=user.disabled,
        unit=user.unit,
        of_provider=is_of_provider(user),
        bound=user.identity is not None,
        factors=factors,
        own=user.username == reader,
        created_at=user.created_at,
        version=account_version(user),
    )


@router.get("/accounts")
@permits(ADMINS)
def list_accounts(caller: CurrentUserDep, state: AppStateDep) -> AccountListResponse:
    """List the accounts whose scope lies within the caller's."""
    service, editor = _service(state), _editor(caller)
    factors = service.factor_counts()
    items = [
        account_response(user, editor.username, factors.get(user.username, 0))
        for user in service.managed_by(editor)
    ]
    return AccountListResponse(items=items)


@router.post("/accounts", status_code=201)
@permits(ADMINS)
async def add_account(
    body: AddAccountRequest, caller: CurrentUserDep, state: AppStateDep, request: Request
) -> NewAccountResponse:
    """Add an account; its generated password is shown only in this response."""
    fields = body.fields()
    _check_names(state, fields.scope, None)
    _check_unit(caller, state, fields)
    locale = state.services.site().site.locale
    added = partial(_service(state).add, _editor(caller), body.username, fields, locale=locale)
    with _refusals():
        new = await state.logins.run(_address_of(request), added)
    return NewAccountResponse(account=_shown(new.user, caller), password=new.password or "")


@router.put("/accounts/{username}")
@permits(ADMINS)
async def change_account(
    username: str, body: ChangeAccountRequest, caller: CurrentUserDep, state: AppStateDep
) -> AccountResponse:
    """Give an account other roles, another scope or name, or disable it, which ends it at once."""
    fields = body.fields()

    def edit(user: User) -> AccountFields:
        _check_names(state, fields.scope, user.scope)
        if fields.unit != user.unit:
            _check_unit(caller, state, fields)
        return fields

    change = partial(_service(state).change, _editor(caller), username, edit, version=body.version)
    with _refusals():
        done: AccountChanged = await run_in_threadpool(change)
    await _end_streams(state, done)
    factors = await run_in_threadpool(_service(state).factor_counts)
    return _shown(done.user, caller, factors.get(done.user.username, 0))


@router.post("/accounts/{username}/password")
@permits(ADMINS)
async def new_password(
    username: str, caller: CurrentUserDep, state: AppStateDep, request: Request
) -> NewAccountResponse:
    """Generate a new password, shown only in this response; the account's sessions end."""
    made = partial(_service(state).set_password, _editor(caller), username)
    with _refusals():
        done, password = await state.logins.run(_address_of(request), made)
    await _end_streams(state, done)
    return NewAccountResponse(account=_shown(done.user, caller), password=password or "")


@router.delete("/accounts/{username}/factors")
@permits(ADMINS)
async def reset_factors(
    username: str, caller: CurrentUserDep, state: AppStateDep
) -> AccountResponse:
    """Forget an account's second factors: a phone was lost; its sessions end."""
    with _refusals():
        done = await run_in_threadpool(_service(state).remove_factors, _editor(caller), username)
    await _end_streams(state, done)
    return _shown(done.user, caller)


@router.delete("/accounts/{username}/identity")
@permits(ADMINS)
async def unbind_account(
    username: str, caller: CurrentUserDep, state: AppStateDep
) -> AccountResponse:
    """Let the next provider login bind to this account again; its sessions end."""
    with _refusals():
        done = await run_in_threadpool(_service(state).unbind, _editor(caller), username)
    await _end_streams(state, done)
    return _shown(done.user, caller)


def _service(state: AppState) -> AccountService:
    services = state.services
    return AccountService(services.archive, state.part(LoginService).passwords, services.clock.utc)


def _editor(caller: CurrentUser) -> AccountEditor:
    return AccountEditor(
        username=caller.session.user.username, role=Role.ADMIN.value, scope=caller.scope
    )


def _check_names(state: AppState, body: DataFilter, before: DataFilter | None) -> None:
    site = state.services.site()
    agencies, areas = [item.id for item in site.agencies], [item.id for item in site.areas]
    unlisted = unlisted_names(body, before, agencies, areas)
    if unlisted:
        raise ApiError(422, "account_unknown_place", name=unlisted[0][:64])


def _check_unit(caller: CurrentUser, state: AppState, fields: AccountFields) -> None:
    """Refuse a unit that is outside the account's own scope."""
    if fields.unit is None:
        return
    scope = scope_in_force(fields.roles, fields.scope, state.services.site().areas)
    units = UnitRepository(state.services.archive.database).all(caller.scope.narrowed(scope))
    if all(item.id != fields.unit for item in units):
        raise ApiError(422, "no_such_unit", extra={"field": "body.unit"})


@contextmanager
def _refusals() -> Iterator[None]:
    """Say what cannot be done in the API's form."""
    try:
        yield
    except AccountRefused as error:
        raise ApiError(_STATUS.get(error.why, 409), error.why.value) from None
    except AccountInvalid:
        raise InvalidInput("body.username", "string_pattern_mismatch") from None


async def _end_streams(state: AppState, done: AccountChanged) -> None:
    for key in done.ended:
        await end_at_once(state, key)


def _address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def _shown(user: User, caller: CurrentUser, factors: int = 0) -> AccountResponse:
    return account_response(user, caller.session.user.username, factors)

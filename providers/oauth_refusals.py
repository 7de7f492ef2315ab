"""What vendors answer to a sign-in that they do not take, in words and with the way out."""

import re

from providers.base import ProviderError
from scheduling.connections import VENDORS, Kind
from scheduling.errors import ErrorKind
from scheduling.text import clean
from words import Phrase

_NUMBER = re.compile(r"AADSTS(\d{4,8})")
_TROUBLE = {"temporarily_unavailable", "server_error", "internal_failure"}


def refusal(kind: Kind, error: str, description: str) -> ProviderError:
    """What a refusal means. The kind of error follows from `error`, never from a number.

    Args:
        kind: whose it is.
        error: the code of the protocol, such as `invalid_grant`.
        description: the vendor's own text; only the number in it is used.
    """
    vendor = VENDORS[kind]
    what = ErrorKind.UNAVAILABLE if error in _TROUBLE else ErrorKind.AUTH
    found = _NUMBER.search(description) if kind is Kind.OFFICE365 else None
    if found and found[1] in _NUMBERED:
        message, hint = _NUMBERED[found[1]]
        return ProviderError(
            what, message, Phrase("{hint} (AADSTS{number})", hint=hint, number=found[1])
        )
    if error in _CODES:
        said, hint = _CODES[error]
        message = Phrase(said.message, vendor=vendor)
        if kind is Kind.GOOGLE and error in _GOOGLE:
            hint = _GOOGLE[error]
    else:
        code = clean(error, limit=40) or "?"
        message = Phrase("{vendor} refused the sign-in ({code}).", vendor=vendor, code=code)
        hint = _AGAIN
    if found:
        hint = Phrase(
            "AADSTS{number} is explained at https://login.microsoftonline.com/error?code={number}",
            number=found[1],
        )
    return ProviderError(what, message, hint)


_AGAIN = Phrase("Sign in again.")
_ADMIN = Phrase("Ask whoever administers Microsoft 365 there.")
_CODES = {
    "access_denied": (
        Phrase("The access was not allowed on the page of {vendor}."),
        Phrase("Sign in again and allow it, with the right account."),
    ),
    "authorization_declined": (
        Phrase("The access was not allowed on the page of {vendor}."),
        Phrase("Sign in again and allow it, with the right account."),
    ),
    "expired_token": (
        Phrase("The code was not typed in time."),
        Phrase("Begin again: there will be a new one."),
    ),
    "invalid_grant": (Phrase("{vendor} no longer takes the sign-in."), _AGAIN),
    "interaction_required": (Phrase("{vendor} wants its owner to sign in again."), _AGAIN),
    "login_required": (Phrase("{vendor} wants its owner to sign in again."), _AGAIN),
    "consent_required": (Phrase("{vendor} wants its owner to allow the access again."), _AGAIN),
    "invalid_client": (
        Phrase("{vendor} does not know this app, or its secret is another one."),
        Phrase("Look at its id and secret in the settings."),
    ),
    "deleted_client": (
        Phrase("The app has been deleted at {vendor}."),
        Phrase("Register another one, and write its id into the settings."),
    ),
    "unauthorized_client": (
        Phrase("{vendor} does not let this app sign in this way."),
        Phrase("Register it as an app for desktops."),
    ),
    "redirect_uri_mismatch": (
        Phrase("{vendor} may not send this app back to this computer."),
        Phrase("Register it as an app for desktops."),
    ),
    "invalid_scope": (
        Phrase("{vendor} does not give this app the access that is wanted."),
        Phrase("Look at what the app may ask for, where it is registered."),
    ),
    "admin_policy_enforced": (
        Phrase("The organisation does not allow this app."),
        Phrase("Ask whoever administers Google Workspace there."),
    ),
    "org_internal": (
        Phrase("This app is for the accounts of one organisation only."),
        Phrase("Sign in with an account of that organisation."),
    ),
    "temporarily_unavailable": (
        Phrase("{vendor} has trouble of its own."),
        Phrase("Try again in a few minutes."),
    ),
    "server_error": (
        Phrase("{vendor} has trouble of its own."),
        Phrase("Try again in a few minutes."),
    ),
}
_GOOGLE = {
    "invalid_grant": Phrase(
        "Sign in again. It ends when it is withdrawn in the Google account, after six months"
        " without use, and after seven days while the app is in testing."
    ),
    "redirect_uri_mismatch": Phrase("Make its client one of the type “Desktop app”."),
    "unauthorized_client": Phrase("Make its client one of the type “Desktop app”."),
}
_NUMBERED = {
    "65001": (
        Phrase("Nobody has allowed this app the access yet."),
        Phrase("Sign in again and allow it."),
    ),
    "65004": (
        Phrase("The access was not allowed on the page of Microsoft."),
        Phrase("Sign in again and allow it."),
    ),
    "90094": (Phrase("An administrator has to allow this app first."), _ADMIN),
    "90095": (Phrase("An administrator has to allow this app first."), _ADMIN),
    "90002": (
        Phrase("Microsoft does not know this tenant."),
        Phrase("Look at the tenant in the settings of the app."),
    ),
    "50105": (Phrase("This account is not among those that may use the app."), _ADMIN),
    "7000218": (
        Phrase("The app may not sign in without a secret."),
        Phrase("Set “Allow public client flows” to Yes, in its authentication in Entra."),
    ),
    "700016": (
        Phrase("The app is not known in this organisation."),
        Phrase("Look at its id and its tenant in the settings."),
    ),
    "50194": (
        Phrase("The app is for the accounts of one tenant only."),
        Phrase("Write that tenant into the settings of the app, instead of common."),
    ),
    "50020": (
        Phrase("This account belongs to another organisation than the app."),
        Phrase("Sign in with another account, or let the app take accounts of any organisation."),
    ),
    "50011": (
        Phrase("The app may not send its users back to this computer."),
        Phrase("Add http://localhost under “Mobile and desktop applications” in Entra."),
    ),
    "50076": (
        Phrase("A second factor is wanted."),
        Phrase("Sign in again, in the browser."),
    ),
    "50079": (
        Phrase("A second factor has to be set up for this account."),
        Phrase("Sign in again, in the browser, and set it up there."),
    ),
    "53003": (
        Phrase("A rule of the organisation keeps this sign-in out."),
        Phrase("Sign in with the browser instead of a code, or ask its administrator."),
    ),
    "50097": (
        Phrase("The organisation wants a computer that it knows."),
        Phrase("Sign in with the browser on such a computer, instead of a code."),
    ),
    "700082": (Phrase("The sign-in was not used for too long."), _AGAIN),
    "70043": (Phrase("The sign-in is older than the organisation allows."), _AGAIN),
    "50173": (Phrase("The password was changed since the sign-in."), _AGAIN),
}

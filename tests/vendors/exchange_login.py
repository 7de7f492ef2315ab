"""Who asks: user names in three forms, passwords by Basic, and the NTLM handshake."""

import base64
import os
from dataclasses import dataclass

from spnego._ntlm_raw.crypto import compute_response_v2, ntowfv1, ntowfv2
from spnego._ntlm_raw.messages import (
    Authenticate,
    AvId,
    Challenge,
    FileTime,
    Negotiate,
    NegotiateFlags,
    NTClientChallengeV2,
    TargetInfo,
)

ADDRESS, LOCAL, DOMAIN = "address", "local", "domain"


@dataclass
class Account:
    """Somebody with a password. `forms`: in which forms their name is taken."""

    address: str
    password: str
    domain: str
    forms: frozenset[str] = frozenset({ADDRESS, LOCAL, DOMAIN})

    @property
    def user(self) -> str:
        return self.address.partition("@")[0]

    def is_called(self, domain: str, user: str) -> bool:
        """Whether that is their name: `DOMAIN\\user`, or without a domain."""
        if domain:
            mine = domain.lower() == self.domain.lower() and user.lower() == self.user
            return mine and DOMAIN in self.forms
        if "@" in user:
            return user.lower() == self.address and ADDRESS in self.forms
        return user.lower() == self.user and LOCAL in self.forms


class Accounts:
    """All who have a password. `tried`: the names and outcomes of all attempts."""

    def __init__(self, domain: str, schemes: tuple[str, ...]) -> None:
        self.domain = domain
        self.schemes = schemes
        self.coding = "utf-8"
        """How names and passwords are read that come by Basic."""
        self.ticket = ""
        """With this one, Negotiate takes the first account's ticket and nothing else."""
        self.accounts: list[Account] = []
        self.tried: list[tuple[str, bool]] = []

    def _called(self, domain: str, user: str) -> Account | None:
        return next((each for each in self.accounts if each.is_called(domain, user)), None)

    def offers(self) -> list[str]:
        """What the server says to who has not said who they are."""
        realm = f'Basic realm="{self.domain.lower()}.example.org"'
        return [realm if each == "Basic" else each for each in self.schemes]

    def basic(self, said: str) -> Account | None:
        """Who sends this after `Basic`."""
        try:
            name, _, password = (
                base64.b64decode(said, validate=True).decode(self.coding).partition(":")
            )
        except ValueError:
            return None
        domain, _, user = name.rpartition("\\")
        account = self._called(domain, user)
        right = account is not None and account.password == password
        self.tried.append((name, right))
        return account if right else None

    def challenge(self, negotiate: bytes) -> tuple[bytes, bytes]:
        """The second message of the handshake, and the challenge in it."""
        flags = (
            Negotiate.unpack(negotiate).flags
            | NegotiateFlags.request_target
            | NegotiateFlags.ntlm
            | NegotiateFlags.always_sign
            | NegotiateFlags.target_info
            | NegotiateFlags.target_type_domain
        ) & ~(NegotiateFlags.oem | NegotiateFlags.version)
        about = TargetInfo()
        about[AvId.nb_domain_name] = self.domain
        about[AvId.nb_computer_name] = "MAIL"
        about[AvId.dns_domain_name] = f"{self.domain.lower()}.example.org"
        about[AvId.dns_computer_name] = f"mail.{self.domain.lower()}.example.org"
        about[AvId.timestamp] = FileTime.now()
        nonce = os.urandom(8)
        message = Challenge(flags, nonce, target_name=self.domain, target_info=about)
        return message.pack(), nonce

    def ntlm(self, said: bytes, nonce: bytes) -> Account | None:
        """Who sends this third message, answering to the challenge `nonce`."""
        message = Authenticate.unpack(said)
        user, domain = message.user_name or "", message.domain_name or ""
        account = self._called(domain, user)
        response = message.nt_challenge_response or b""
        right = False
        if account is not None and len(response) > 24:  # NTLM version 2; the first is refused
            client = NTClientChallengeV2.unpack(response[16:])
            key = ntowfv2(user, ntowfv1(account.password), domain or None)
            expected, _, _ = compute_response_v2(
                key, nonce, client.challenge_from_client, client.time_stamp, client.av_pairs
            )
            right = expected == response
        self.tried.append((f"{domain}\\{user}" if domain else user, right))
        return account if right else None

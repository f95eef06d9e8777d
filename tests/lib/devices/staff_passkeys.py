"""Passkeys of staff on a collection host, made in software and confirmed as an administrator does."""

import json
import time
from secrets import token_bytes

from hosts.collection import Collection

from devices.authenticator import Authenticator
from survey.office_db.people.passkeys import PasskeyAnswer, Site, add_passkey, creation_options, own_passkeys
from survey.office_db.people.role import Role
from survey.operations.staff import confirm_passkey, invite_user
from survey.operations.transaction import office_session

HERE = Site("https://localhost")


def passkey_of(collection: Collection, name: str, site: Site = HERE, *, confirmed: bool = True) -> Authenticator:
    """Return a new passkey of a person, made at an address of the desk."""
    device, challenge = Authenticator(site.origin), token_bytes(32)
    with office_session(collection.settings) as session:
        options = json.loads(creation_options(session, name, site, challenge))
        answer = PasskeyAnswer(site, device.created(options), challenge)
        add_passkey(session, name, answer, device.id.hex(), int(time.time()))
        (code,) = [one.code for one in own_passkeys(session, name) if one.label == device.id.hex()]
    if confirmed:
        confirm_passkey(collection.settings, name, code)
    return device


def signer(collection: Collection, name: str, site: Site = HERE) -> Authenticator:
    """Add a researcher, and return their confirmed passkey."""
    invite_user(collection.settings, name, Role.RESEARCHER)
    return passkey_of(collection, name, site)

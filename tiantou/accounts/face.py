"""What others may use of accounts."""

from tiantou.accounts.addresses import Sealed, address
from tiantou.accounts.addresses import several as addresses
from tiantou.accounts.destination import Destination
from tiantou.accounts.destination import seal as seal_destination
from tiantou.accounts.destination import unseal as unseal_destination
from tiantou.accounts.events import OrgAdmitted, OrgApplied, OrgRefused, PersonSignedUp
from tiantou.accounts.messages import notify, notify_operators, notify_org
from tiantou.accounts.orgs import OrgIdentity, admit, apply, give_role, lift, suspend
from tiantou.accounts.orgs_sql import org, orgs, people_with, search, set_standing, standing
from tiantou.accounts.people_sql import by_no, has_demo_rows, operators, people, person
from tiantou.accounts.problems import TooMany
from tiantou.accounts.sign_in import (
    fresh,
    fresh_operator,
    invited,
    make_demo_person,
    make_operator_link,
    make_person_link,
    operator_link,
    person_of_phone,
)
from tiantou.accounts.views import AddressView, OrgView, PersonView, StandingView
from tiantou.accounts.wire import Seller

__all__ = [
    "AddressView",
    "Destination",
    "OrgAdmitted",
    "OrgApplied",
    "OrgIdentity",
    "OrgRefused",
    "OrgView",
    "PersonSignedUp",
    "PersonView",
    "Sealed",
    "Seller",
    "StandingView",
    "TooMany",
    "address",
    "addresses",
    "admit",
    "apply",
    "by_no",
    "fresh",
    "fresh_operator",
    "give_role",
    "has_demo_rows",
    "invited",
    "lift",
    "make_demo_person",
    "make_operator_link",
    "make_person_link",
    "notify",
    "notify_operators",
    "notify_org",
    "operator_link",
    "operators",
    "org",
    "orgs",
    "people",
    "people_with",
    "person",
    "person_of_phone",
    "seal_destination",
    "search",
    "set_standing",
    "standing",
    "suspend",
    "unseal_destination",
]

"""What others may use of accounts."""

from tiantou.accounts.events import OrgAdmitted, OrgApplied, OrgRefused, PersonSignedUp
from tiantou.accounts.orgs_sql import org, orgs, search, set_standing, standing
from tiantou.accounts.people_sql import by_no, has_demo_rows, people, person
from tiantou.accounts.views import OrgView, PersonView, StandingView
from tiantou.accounts.wire import Seller

__all__ = [
    "OrgAdmitted",
    "OrgApplied",
    "OrgRefused",
    "OrgView",
    "PersonSignedUp",
    "PersonView",
    "Seller",
    "StandingView",
    "by_no",
    "has_demo_rows",
    "org",
    "orgs",
    "people",
    "person",
    "search",
    "set_standing",
    "standing",
]

"""The keys of this instance for `up` itself, without the weight of the parts."""

from tiantou.core import secret
from tiantou.core.keys import Keys
from tiantou.settings import Settings


def keys(settings: Settings) -> Keys:
    """Makes a root secret if there is none. Raises SecretUnsafe."""
    given = settings.root_secret.get_secret_value()
    return secret.keys(settings.place, given, settings.root_secret_before.get_secret_value())

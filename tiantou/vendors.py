"""Payment providers as settings describe them: accounts, keys from files, hosts that may be called.

Callbacks are registered here, under the main public address, and never taken from requests.
"""

from pathlib import Path

from tiantou.core.outgoing import Outgoing
from tiantou.engines import pay_alipay, pay_alipay_wire, pay_wechat, pay_wechat_wire
from tiantou.engines.pay_keys import private_key, public_key
from tiantou.settings import Settings
from tiantou.trade.ports import PaymentGateway

NAMES = frozenset({pay_wechat.NAME, pay_alipay.NAME})


def gateway(settings: Settings, name: str, callback_path: str) -> PaymentGateway:
    """The adapter of a provider whose settings are all there. Raises KeyUnusable."""
    private = frozenset(settings.outgoing_private)
    if name == pay_wechat.NAME:
        wechat = _wechat(settings)
        wire = pay_wechat_wire.Wire(wechat, Outgoing(wechat.hosts(), private))
        return pay_wechat.PayWechat(wire, settings.name, settings.public_url, callback_path)
    alipay = pay_alipay_wire.Account(
        app_id=settings.alipay_app_id,
        key=private_key(_file(settings.alipay_key_file), "TIANTOU_ALIPAY_KEY_FILE"),
        alipay_key=public_key(
            _file(settings.alipay_public_key_file), "TIANTOU_ALIPAY_PUBLIC_KEY_FILE"
        ),
        seller_id=settings.alipay_seller_id,
        url=settings.alipay_url,
    )
    calls = Outgoing(alipay.hosts(), private)
    return pay_alipay.PayAlipay(
        pay_alipay_wire.Wire(alipay, calls), settings.name, settings.public_url, callback_path
    )


def _wechat(settings: Settings) -> pay_wechat_wire.Account:
    keys = {}
    if settings.wechat_public_key_file:
        file, setting = settings.wechat_public_key_file, "TIANTOU_WECHAT_PUBLIC_KEY_FILE"
        keys[settings.wechat_public_key_id] = public_key(file, setting)
    return pay_wechat_wire.Account(
        app_id=settings.wechat_app_id,
        merchant_id=settings.wechat_merchant_id,
        key_serial=settings.wechat_key_serial,
        key=private_key(_file(settings.wechat_key_file), "TIANTOU_WECHAT_KEY_FILE"),
        api_key=settings.wechat_api_key.get_secret_value().encode(),
        keys=keys,
        app_secret=settings.wechat_app_secret.get_secret_value(),
        url=settings.wechat_url.rstrip("/"),
    )


def _file(named: Path | None) -> Path:
    assert named is not None, "missing settings are told before"
    return named

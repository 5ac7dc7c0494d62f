"""The edge's configuration: one public origin in front of API, gateway and media. Pure functions.

What it keeps: only known hosts are answered; on hosts but loopback plain HTTP serves the page of
the certificate and a redirect; X-Forwarded-* are the edge's own; no log holds a token.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tiantou.core.problems import Busy

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
LOOPBACK_RANGES = ["127.0.0.0/8", "::1/128"]
BODY_BYTES_MAX = 32 * 1024 * 1024
# Playback tokens, stream keys, join tickets and one-time links ride in these paths and in queries.
_TOLD_TO_NOBODY = r"^(/(?:live|in|rt|link)/).*|[?].*$"

Route = dict[str, Any]


@dataclass(frozen=True)
class Doors:
    """Descriptors handed down to the edge: stream ones, and datagram ones for HTTP/3."""

    streams: tuple[int, ...]
    datagrams: tuple[int, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Everything the configuration depends on. Ports are those behind the edge, on loopback."""

    home: Path
    plain: Doors
    secure: Doors | None
    https_port: int
    names: tuple[str, ...]
    """Hosts and addresses of the secure side, the main one first."""
    plain_port: int
    more_hosts: tuple[str, ...] = ()
    domain: str = ""
    acme_url: str = ""
    api: int = 0
    gateway: int = 0
    media: int = 0


def configuration(plan: Plan) -> dict[str, Any]:
    """The document that `caddy run` takes."""
    servers = {"plain": _server(plan.plain, _plain_routes(plan), ["h1"])}
    apps: dict[str, Any] = {"http": {"servers": servers, "grace_period": "2s"}}
    if plan.secure:
        secure = _server(plan.secure, _secure_routes(plan), ["h1", "h2"])
        names = {"default_sni": plan.names[0], "fallback_sni": plan.names[0]}
        servers["secure"] = secure | {"tls_connection_policies": [names]}
        apps["tls"] = _tls(plan)
    return {
        "admin": {"disabled": True, "config": {"persist": False}},
        "logging": {"logs": _logs(plan)},
        "storage": {"module": "file_system", "root": str(plan.home / "edge" / "store")},
        "apps": apps,
    }


def _server(doors: Doors, routes: list[Route], protocols: list[str]) -> dict[str, Any]:
    listen = [f"fd/{fd}" for fd in doors.streams] + [f"fdgram/{fd}" for fd in doors.datagrams]
    spoken = [protocols] * len(doors.streams) + [["h3"]] * len(doors.datagrams)
    return {
        "listen": listen,
        "listen_protocols": spoken,
        "automatic_https": {"disable": True},
        "read_header_timeout": "10s",
        "idle_timeout": "5m",
        "max_header_bytes": 32768,
        "logs": {},
        "routes": routes,
        "errors": {"routes": [_unavailable()]},
    }


def _plain_routes(plan: Plan) -> list[Route]:
    here = [*LOOPBACK_HOSTS, *plan.more_hosts]
    near = {"host": here, "remote_ip": {"ranges": LOOPBACK_RANGES}}
    routes: list[Route] = [{"match": [near], "handle": [_subroute(_main(plan))]}]
    if plan.secure:
        port = "" if plan.https_port == 443 else f":{plan.https_port}"
        to = f"https://{{http.request.host}}{port}{{http.request.uri}}"
        redirect = {
            "handler": "static_response",
            "status_code": 308,
            "headers": {"Location": [to], "Cache-Control": ["no-store"]},
        }
        # A bare IPv6 host needs its brackets back.
        bracketed = redirect | {
            "headers": {"Location": [to.replace("{http.request.host}", "[{http.request.host}]")]}
        }
        six = [name for name in plan.names if ":" in name]
        rest = [*_ca_routes(plan)]
        if six:
            rest.append({"match": [{"host": six}], "handle": [bracketed], "terminal": True})
        rest.append({"handle": [redirect]})
        routes.append({"match": [{"host": _known(plan)}], "handle": [_subroute(rest)]})
    return [*(route | {"terminal": True} for route in routes), _refused()]


def _secure_routes(plan: Plan) -> list[Route]:
    known = {"match": [{"host": _known(plan)}], "terminal": True}
    return [known | {"handle": [_subroute(_main(plan))]}, _refused()]


def _known(plan: Plan) -> list[str]:
    return list(dict.fromkeys([*plan.names, *LOOPBACK_HOSTS, *plan.more_hosts]))


def _main(plan: Plan) -> list[Route]:
    """The one origin."""
    limit = {"handler": "request_body", "max_size": BODY_BYTES_MAX}
    packed = {
        "handler": "encode",
        "encodings": {"zstd": {}, "gzip": {}},
        "prefer": ["zstd", "gzip"],
    }
    api = {"handle": [limit, packed, _proxy(plan.api)]}
    return [
        *_ca_routes(plan),
        {"match": [{"path": ["/rt", "/rt/*"]}], "handle": [_proxy(plan.gateway)], "terminal": True},
        {
            "match": [{"path": ["/live/*", "/in/*"]}],
            "handle": [_proxy(plan.media)],
            "terminal": True,
        },
        api,
    ]


def _proxy(port: int) -> Route:
    """To a process on loopback; what streams is flushed at once. Port 0: nothing is there."""
    if not port:
        return {"handler": "static_response", "status_code": 404}
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"127.0.0.1:{port}"}],
        "flush_interval": -1,
        # The socket outlives the process behind it, so a dial that waits meets its next life.
        "load_balancing": {"try_duration": "2s", "try_interval": "100ms"},
        "transport": {
            "protocol": "http",
            "dial_timeout": "5s",
            "keep_alive": {"idle_timeout": "60s", "max_idle_conns_per_host": 256},
        },
        "headers": {
            "request": {"delete": ["Forwarded", "X-Real-Ip", "X-Forwarded-Prefix"]},
            "response": {"deferred": True, "delete": ["Server", "Via"]},
        },
    }


def _ca_routes(plan: Plan) -> list[Route]:
    """The page on how to trust the own authority, and its certificate: two files, no folder."""
    if not plan.secure or plan.domain:
        return []
    root = str(plan.home / "edge" / "ca")
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
    page = {"Content-Type": ["text/html; charset=utf-8"], "Content-Security-Policy": [policy]}
    certificate = {"Content-Type": ["application/x-x509-ca-cert"]}
    return [
        _file("/ca", "/index.html", root, page),
        _file("/ca/root.crt", "/root.crt", root, certificate),
    ]


def _file(path: str, name: str, root: str, headers: dict[str, list[str]]) -> Route:
    every = {"Cache-Control": ["no-store"], "X-Content-Type-Options": ["nosniff"]}
    return {
        "match": [{"path": [path]}],
        "terminal": True,
        "handle": [
            {"handler": "headers", "response": {"set": headers | every}},
            {"handler": "rewrite", "uri": name},
            {"handler": "file_server", "root": root},
        ],
    }


def _refused() -> Route:
    """The answer to a Host that is not ours."""
    return {"handle": [{"handler": "static_response", "status_code": 421, "close": True}]}


def _unavailable() -> Route:
    """A part is between two lives: the same problem that the API gives when it is busy."""
    problem = json.dumps(Busy(retry_after_s=1).body())
    headers = {"Content-Type": ["application/problem+json"], "Retry-After": ["1"]}
    busy = {"handler": "static_response", "status_code": 503, "headers": headers, "body": problem}
    return {"handle": [busy]}


def _subroute(routes: list[Route]) -> Route:
    return {"handler": "subroute", "routes": routes}


def _tls(plan: Plan) -> dict[str, Any]:
    """By ACME for a public name; else a certificate that is there before the first handshake."""
    if not plan.domain:
        folder = plan.home / "edge" / "authority"
        pair = {"certificate": str(folder / "site.crt"), "key": str(folder / "site.key")}
        return {"certificates": {"load_files": [pair]}}
    issuer: dict[str, Any] = {"module": "acme"}
    if plan.acme_url:
        issuer["ca"] = plan.acme_url
    names = list(plan.names)
    return {
        "certificates": {"automate": names},
        "automation": {"policies": [{"subjects": names, "issuers": [issuer]}]},
    }


def _logs(plan: Plan) -> dict[str, Any]:
    """Access lines in a file of their own; warnings on standard error, for the one log."""
    cut = {
        "request>uri": {"filter": "regexp", "regexp": _TOLD_TO_NOBODY, "value": "${1}"},
        "request>headers": {"filter": "delete"},
        "resp_headers": {"filter": "delete"},
    }
    file = {
        "output": "file",
        "filename": str(plan.home / "log" / "access.log"),
        "roll_size_mb": 50,
        "roll_keep": 5,
    }
    return {
        "default": {
            "level": "WARN",
            "exclude": ["http.log.access", "admin"],
            "encoder": {
                "format": "filter",
                "wrap": {"format": "console", "level_format": "upper"},
                "fields": cut,
            },
        },
        "access": {
            "include": ["http.log.access"],
            "writer": file,
            "encoder": {"format": "filter", "wrap": {"format": "json"}, "fields": cut},
        },
    }

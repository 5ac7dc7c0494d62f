"""The command line: `tiantou up` and what it starts, and an operator's tools."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from pydantic import ValidationError

from tiantou.settings import Facts, Settings, refusals

REFUSED, BROKEN = 2, 1
DRAIN_S = 3

app = typer.Typer(
    name="tiantou",
    help="田头: live commerce of rural produce.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
user = typer.Typer(help="People of this instance.", no_args_is_help=True)
app.add_typer(user, name="user")
recording = typer.Typer(help="Recordings of this instance.", no_args_is_help=True)
app.add_typer(recording, name="recording")

queues = typer.Typer(help="Timers, facts and what is parked.", no_args_is_help=True)
app.add_typer(queues, name="queues")

Fd = Annotated[int, typer.Option("--fd", help="A listening socket, handed down.")]


def main() -> None:
    """The entry of the console script."""
    app()


def say(words: str) -> None:
    """A line for the person at the terminal."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def read_settings(**given: Any) -> Settings:
    """The settings; what is wrong with them is told in words, by the names one sets."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        for one in error.errors():
            name = "TIANTOU_" + str(one["loc"][0]).upper() if one["loc"] else "settings"
            complain(f"{name}: {one['msg']}")
        raise typer.Exit(REFUSED) from None


def own_settings() -> Settings:
    """The settings of a process of an instance: started without `up`, production refuses too."""
    settings = read_settings()
    reasons = refusals(settings, Facts())
    for why in reasons:
        complain(f"production refuses to start: {why}")
    if reasons:
        raise typer.Exit(REFUSED)
    return settings


def complain(words: str) -> None:
    """A line on standard error."""
    sys.stderr.write(f"tiantou: {words}\n")
    sys.stderr.flush()


def begun() -> None:
    """From here on there is something to clear away: Ctrl-C is no longer an end at once."""
    # only there do signals arrive; whoever calls a command from elsewhere sees to them himself
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


def run(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Runs to the end; what an operator can mend is told in words, not as a traceback."""
    from tiantou.kit.mendable import Mendable

    begun()
    try:
        return asyncio.run(work())
    except Mendable as error:
        complain(str(error))
        raise typer.Exit(REFUSED) from None


@app.command()
def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="Fill an empty database with a fair.")
    ] = False,
    public: Annotated[
        bool | None, typer.Option("--public/--loopback", help="Open to other devices, by HTTPS.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="The port of plain HTTP.")] = None,
    dev: Annotated[bool, typer.Option("--dev", help="Restart when the source changes.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every log line.")] = False,
) -> None:
    """Start everything, and keep it running."""
    from tiantou.up.log import Log
    from tiantou.up.run import Options, log_path
    from tiantou.up.run import up as run_up

    settings = read_settings(public=public, port=port)
    say(f"田头 Tiantou · {settings.mode} · {settings.place}")
    log = Log(log_path(settings.place), verbose=verbose)
    try:
        run(lambda: run_up(settings, Options(demo, dev), log))
    finally:
        log.close()


@app.command()
def serve(fd: Fd = -1) -> None:
    """The API, on a handed-down socket or on TIANTOU_API_PORT."""
    import uvicorn

    settings = own_settings()
    config = uvicorn.Config(
        "tiantou.app:create_app",
        factory=True,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_S,
        timeout_keep_alive=75,
        log_level=settings.log_level,
    )
    made = listening(fd, settings.api_port)
    # The application names itself to the sandbox provider by this.
    os.environ["TIANTOU_API_PORT"] = str(made.getsockname()[1])
    begun()
    uvicorn.Server(config).run(sockets=[made])


@app.command()
def gateway(fd: Fd = -1) -> None:
    """The realtime gateway."""
    from tiantou import wiring

    settings = own_settings()
    begun()
    wiring.run_gateway(settings, listening(fd, settings.gateway_port))


@app.command()
def media(
    fd: Fd = -1,
    rtmp_fd: Annotated[int, typer.Option(help="A listening socket of RTMP.")] = -1,
) -> None:
    """Picture and sound: ingest, packaging, recordings."""
    from tiantou import wiring

    settings = own_settings()
    rtmp = listening(rtmp_fd, settings.rtmp_port)
    begun()
    wiring.run_media(settings, listening(fd, settings.media_port), rtmp)


@app.command()
def work() -> None:
    """The worker: facts, timers, jobs."""
    from tiantou.worker import run as run_work

    settings = own_settings()
    run(lambda: run_work(settings))


@app.command(hidden=True)
def fair() -> None:
    """The demo's fair; `up --demo` starts it."""
    from tiantou import wiring

    settings = own_settings()
    begun()
    wiring.run_fair(settings)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from tiantou.up.tools import migrate as run_migrate

    settings = read_settings()
    say("The schema is at " + run(lambda: run_migrate(settings)))


@user.command("add-operator")
def add_operator(
    phone: Annotated[str, typer.Option(prompt="Mobile number", help="The operator's number.")],
) -> None:
    """Make the first operator, or one more; prints a link that works once."""
    from tiantou.up.tools import add_operator as run_add

    settings = read_settings()
    say(run(lambda: run_add(settings, phone)))


@recording.command("delete")
def delete_recording(
    session: Annotated[UUID, typer.Argument(help="The session's id.")],
) -> None:
    """Give a recording to the retention job; refused while the law keeps it."""
    from tiantou.up.tools import delete_recording as run_delete

    settings = read_settings()
    run(lambda: run_delete(settings, session))
    say("The recording will be deleted by the retention job")


@queues.command("show")
def show_queues() -> None:
    """Say how far behind each consumer is, and what is parked; ends with 1 if anything is."""
    from tiantou.up.tools import show_queues as run_show

    settings = read_settings()
    parked = run(lambda: run_show(settings, say))
    raise typer.Exit(BROKEN if parked else 0)


@queues.command("run")
def run_parked(
    number: Annotated[int, typer.Argument(help="Its number, as `show` says it.")],
) -> None:
    """Let a parked fact be tried again."""
    from tiantou.up.tools import run_parked as run_again

    settings = read_settings()
    run(lambda: run_again(settings, number))
    say("It will be tried again within seconds")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to: one .tar file.")],
    media_too: Annotated[
        bool, typer.Option("--media/--no-media", help="Recordings with their index, or not.")
    ] = True,
) -> None:
    """Write the database, files and recordings into one file."""
    from tiantou.up.backup import backup as run_backup

    settings = read_settings()
    run(lambda: run_backup(settings, file, media_too, say))


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")]) -> None:
    """Put a backup into a new home or an empty database."""
    from tiantou.up.restore import restore as run_restore

    settings = read_settings()
    run(lambda: run_restore(settings, file, say))


@app.command()
def upgrade(
    file: Annotated[Path, typer.Argument(help="Where the backup before it goes.")],
) -> None:
    """Back up, then bring the database to this version's schema."""
    from tiantou.up.tools import upgrade as run_upgrade

    settings = read_settings()
    run(lambda: run_upgrade(settings, file, say))


@app.command()
def reconcile(
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="A day of Asia/Shanghai; yesterday by default."),
    ] = None,
) -> None:
    """Compare the payment providers' bills of a day with our own rows."""
    from tiantou.up.tools import reconcile as run_reconcile
    from tiantou.up.tools import yesterday

    settings = read_settings()
    asked = day.date() if day else yesterday()
    run(lambda: run_reconcile(settings, asked, say))


@app.command()
def doctor() -> None:
    """Look for what is wrong, and say what to do."""
    from tiantou.up.doctor import doctor as run_doctor

    settings = read_settings()
    bad = run(lambda: run_doctor(settings, say))
    raise typer.Exit(BROKEN if bad else 0)


@app.command()
def audit() -> None:
    """Recompute stock, orders, payments and ledger from the rows; ends with 1 if they differ."""
    from tiantou.up.tools import audit as run_audit

    settings = read_settings()
    wrong = run(lambda: run_audit(settings, say))
    raise typer.Exit(BROKEN if wrong else 0)


def listening(fd: int, port: int) -> socket.socket:
    """A handed-down listening socket, or one on loopback."""
    if fd >= 0:
        return socket.socket(fileno=fd)
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    made.listen(1024)
    return made

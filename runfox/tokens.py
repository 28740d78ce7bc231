"""Tokens with which callers outside report one result, or send one signal, and nothing else."""

import hmac
import logging
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from os import urandom
from typing import Any, NamedTuple, NoReturn

from runfox.backend import Backend
from runfox.backend.clock import utc_now
from runfox.backend.ids import execution_id as id_of
from runfox.backend.protocols import Clock
from runfox.errors import ExecutionNotFound, RequestError, TokenRefused, TooLarge
from runfox.execution import failure, result_from
from runfox.graph import SignalSent, StepResult, Transition
from runfox.results import Decision, DispatchJob
from runfox.values import Json, canonical, parse

logger = logging.getLogger("runfox")

MARK = "rfx1"
"""What a token begins with. It is signed too, so that another format can never be read as this one."""

RESULT = "result"
SIGNAL = "signal:"

MAX_TOKEN = 4_096
"""Characters of a token."""

LEAST_SECRET = 32
"""Bytes of a secret: as many as HMAC-SHA256 is strong."""

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FORM = re.compile(
    rf"(?P<signed>{MARK}\.(?P<key>{_KEY_ID.pattern})\.(?P<said>[A-Za-z0-9_-]+))\.(?P<mac>[A-Za-z0-9_-]{{43}})"
)


class Grant(NamedTuple):
    """What a token allows whoever has it: one result of a run of a step, or one signal.

    ``purpose`` is "result", or "signal:" and its name. Of a signal, ``to`` is the key of the wait that it is
    for, and ``nonce`` tells two tokens for the same thing apart.
    """

    purpose: str
    workflow_execution_id: str
    step_id: str
    run_id: int
    to: Json
    nonce: str
    expires_at: datetime


class Tokens:
    """Makes tokens for callers outside, and applies what comes back with one. Safe for use from many threads.

    ``keys`` are secrets of 32 bytes or more by their ids. The first one signs; all are accepted. To rotate,
    put a new one first, and take the old one out when the last token that it signed has expired. Databases
    that do not trust each other need different keys. ``clock`` judges when a token has expired.

    Whatever is wrong with a token, ``TokenRefused`` says the same to its bearer; the reason is in the log.
    """

    def __init__(self, keys: Mapping[str, str | bytes], *, clock: Clock = utc_now) -> None:
        if not keys:
            raise RequestError("tokens need a key: Tokens({'2026-01': secret})")
        # Signers in place of secrets: nothing here can be printed, or found in a traceback.
        self._signers = {key_id: _signer(key_id, keys[key_id]) for key_id in keys}
        self._nobody = hmac.new(urandom(LEAST_SECRET), digestmod=sha256)
        self._current = next(iter(keys))
        self._clock = clock

    def __repr__(self) -> str:
        return f"Tokens(keys: {', '.join(self._signers)})"

    # Making them ------------------------------------------------------------------------------------

    def for_job(self, job: DispatchJob, *, expires_in: timedelta) -> str:
        """Return a token for the result, or the failure, of the run that a job asks for."""
        key, run = job.workflow_execution_id, (job.step_id, job.run_id)
        return self._sign(Grant(RESULT, key, *run, None, "", self._until(expires_in)))

    def for_signal(
        self, workflow_execution_id: str, name: str, *, to: Json = None, expires_in: timedelta
    ) -> str:
        """Return a token for one signal of a name. ``to`` addresses it to the wait of that ``key``."""
        id_of(workflow_execution_id)
        until, nonce = self._until(expires_in), urandom(16).hex()
        return self._sign(Grant(SIGNAL + name, workflow_execution_id, "", 0, to, nonce, until))

    def _until(self, expires_in: timedelta) -> datetime:
        if expires_in <= timedelta(0):
            raise RequestError(f"a token that expires in {expires_in} is of no use to anybody")
        try:
            return self._clock() + expires_in
        except OverflowError:
            raise RequestError(f"a token cannot expire in {expires_in}: that is too far") from None

    def _sign(self, grant: Grant) -> str:
        said = [*grant[:-1], int(grant.expires_at.timestamp() * 1000)]
        signed = f"{MARK}.{self._current}.{_text(canonical(said).encode())}"
        token = f"{signed}.{_mac(self._signers[self._current], signed)}"
        if len(token) > MAX_TOKEN:
            raise TooLarge("a token", limit="max_token", allowed=MAX_TOKEN)
        return token

    # Applying them ----------------------------------------------------------------------------------

    def read(self, token: object) -> Grant:
        """Return what a token allows. Raises ``TokenRefused``, and nothing else, for whatever is no such token."""
        found = _FORM.fullmatch(token) if type(token) is str and len(token) <= MAX_TOKEN else None
        if found is None:
            _refuse("it is none of ours, or cut")
        signer = self._signers.get(found["key"])
        # The right one is in no variable: what reports an error may show those.
        if (
            not hmac.compare_digest(_mac(signer or self._nobody, found["signed"]), found["mac"])
            or signer is None
        ):
            known = "" if signer is not None else " is not known here: has it been rotated out? It"
            _refuse(f"the key {found['key']!r}{known} did not sign it")
        # From here on it is what this class wrote.
        grant = _said(found["said"])
        if self._clock() >= grant.expires_at:
            _refuse(f"it expired at {grant.expires_at:%Y-%m-%d %H:%M:%SZ} ({_about(grant)})")
        return grant

    def complete(self, backend: Backend, token: object, output: object) -> Decision:
        """Apply what a run of a step answered, and dispatch what is ready then, in one commit.

        Returns as ``Workflow.advance`` does. An answer that is late or repeated changes nothing: of many
        deliveries at once one dispatches. Raises ``TokenRefused``; output that cannot be stored is a failure.
        """
        grant = self._granted(backend, token, RESULT)
        return _apply(backend, grant, result_from(grant.step_id, grant.run_id, output))

    def fail(self, backend: Backend, token: object, type: str, message: str) -> Decision:
        """The same for a run that failed."""
        grant = self._granted(backend, token, RESULT)
        return _apply(backend, grant, failure(grant.step_id, grant.run_id, type, message))

    def send(self, backend: Backend, token: object, data: Json = None) -> Decision:
        """Send the signal that a token is for, once, and dispatch what is ready then.

        Returns as ``Workflow.advance`` does; sent again, it changes nothing. Raises ``TokenRefused``;
        ``SignalRefused`` where the run does not take the signal, or its data; ``RequestError`` for no JSON.
        """
        grant = self._granted(backend, token, SIGNAL)
        name = grant.purpose.removeprefix(SIGNAL)
        kept = backend.given(data, f"the data of signal {name!r}")
        # The id counts once, so the token does.
        sent = SignalSent(name, kept, grant.to, f"token-{grant.nonce}")
        return _decision(backend.ask(grant.workflow_execution_id, sent))

    def _granted(self, backend: Backend, token: object, purpose: str) -> Grant:
        grant = self.read(token)
        if not grant.purpose.startswith(purpose):
            _refuse(f"it is for another purpose ({_about(grant)})")
        try:
            backend.load(grant.workflow_execution_id)
        except ExecutionNotFound:
            _refuse(f"the execution is not in this store ({_about(grant)})")
        return grant


def _signer(key_id: str, secret: str | bytes) -> hmac.HMAC:
    if not _KEY_ID.fullmatch(key_id):
        raise RequestError(f"{key_id!r} is no id of a key: it must match {_KEY_ID.pattern}")
    secret = secret.encode() if isinstance(secret, str) else secret
    if len(secret) < LEAST_SECRET:
        raise RequestError(
            f"the secret of the key {key_id!r} is too short: it needs {LEAST_SECRET} random bytes, as "
            "secrets.token_hex() makes them"
        )
    return hmac.new(secret, digestmod=sha256)


def _mac(signer: hmac.HMAC, signed: str) -> str:
    mac = signer.copy()
    mac.update(signed.encode())
    return _text(mac.digest())


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _said(text: str) -> Grant:
    said: Any = parse(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    grant = Grant._make(said)
    return grant._replace(expires_at=datetime.fromtimestamp(said[-1] / 1000, UTC))


def _about(grant: Grant) -> str:
    of = f"{grant.purpose} of {grant.workflow_execution_id}"
    return f"{of}, step {grant.step_id!r}, run {grant.run_id}" if grant.step_id else of


def _refuse(reason: str) -> NoReturn:
    logger.warning("a token was refused: %s", reason)
    raise TokenRefused(reason)


def _apply(backend: Backend, grant: Grant, result: StepResult) -> Decision:
    return _decision(backend.step(grant.workflow_execution_id, [result]))


def _decision(transition: Transition) -> Decision:
    assert transition.decision is not None
    return transition.decision

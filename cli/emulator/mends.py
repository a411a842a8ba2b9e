"""Mends of MiniStack 1.5.33: what AWS does, what that version does instead, and the few lines that make it right.

Each one rewrites the source of a function or wraps it. A text that is to be replaced must be there exactly once.
"""

from __future__ import annotations

import collections
import contextvars
import dataclasses
import inspect
import os
import re
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any
from urllib.parse import unquote


def rewrite(module: ModuleType, name: str, old: str, new: str) -> None:
    """Compiles a function of a module anew, with one place of its source replaced."""
    source = replace_once(inspect.getsource(getattr(module, name)), old, new)
    exec(compile(source, f"{module.__file__}:{name} (mended)", "exec"), module.__dict__)  # noqa: S102


def replace_once(text: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        raise ValueError(f"expected once, found {text.count(old)} times: {old!r}")
    return text.replace(old, new)


def error_names(app: ModuleType, **_: Any) -> None:
    """An error that a Node.js handler throws is reported by its own name, which Retry and Catch go by, and the process
    lives on; MiniStack reports Runtime.HandlerError and ends the process."""
    from ministack.core import lambda_runtime as runtime
    from ministack.services import lambda_svc

    thrown = """function _thrown(error) {
  const native = error instanceof Error || require("util").types.isNativeError(error);
  return JSON.stringify({ status: "ok", thrown: native
    ? { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split("\\n") }
    : { errorType: typeof error, errorMessage: String(error), trace: [] } }) + "\\n";
}
let handlerFn = null;"""
    script = replace_once(runtime._NODEJS_WORKER_SCRIPT, "let handlerFn = null;", thrown)
    # `context.fail()` and callbacks end here too.
    script = replace_once(
        script,
        """_realStdoutWrite(JSON.stringify({
            status: "error", error: String(err.message || err), trace: err.stack || ""
          }) + "\\n");""",
        "_realStdoutWrite(_thrown(err));",
    )
    script = replace_once(
        script,
        """_realStdoutWrite(JSON.stringify({
        status: "error", error: e.message, trace: e.stack
      }) + "\\n");""",
        "_realStdoutWrite(_thrown(e));",
    )
    # A promise may be rejected with nothing, which is an error as well.
    script = replace_once(script, "const settle = (err, res) => {", "const settle = (err, res, rejected) => {")
    script = replace_once(script, "if (err) {\n          _real", "if (err || rejected) {\n          _real")
    script = replace_once(script, "err => settle(err))", "err => settle(err, undefined, true))")
    runtime._NODEJS_WORKER_SCRIPT = script

    # An invocation has a thread of its own.
    last = threading.local()
    invoke = runtime.Worker.invoke

    def remember(worker: Any, event: Any, request_id: str, **more: Any) -> dict[str, Any]:
        response = invoke(worker, event, request_id, **more)
        last.thrown = response.get("thrown")
        if response.get("error") == "Worker process died":
            message = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
            last.thrown = {"errorType": "Runtime.ExitError", "errorMessage": message}
        return response

    runtime.Worker.invoke = remember
    execute = lambda_svc._execute_function_warm

    def report(func: Any, event: Any, request_id: str) -> dict[str, Any]:
        last.thrown = None
        result = execute(func, event, request_id)
        if last.thrown is None:
            return result
        trace = "\n".join(last.thrown.get("trace", []))
        log = "\n".join(filter(None, [result.get("log", ""), trace]))
        return {"body": last.thrown, "error": True, "log": log}

    lambda_svc._execute_function_warm = report


def proxied_requests(app: ModuleType, **_: Any) -> None:
    """A request's target may be a whole URL (RFC 9112, 3.2.2), as clients send it to a proxy, and AWS takes it;
    MiniStack takes it for a path. So HTTP_PROXY can bring names here that do not resolve."""
    inner = app.app

    async def outer(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["raw_path"].startswith((b"http://", b"https://")):
            _, _, rest = scope["raw_path"].partition(b"://")
            authority, slash, path = rest.partition(b"/")
            raw_path = slash + path or b"/"
            headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"host"]
            scope = {
                **scope,
                "raw_path": raw_path,
                "path": unquote(raw_path.decode("ascii")),
                "headers": [*headers, (b"host", authority)],
            }
        await inner(scope, receive, send)

    app.app = outer


# More than any call that makes something answers with; what is larger is sent as it comes.
MOST_IN_ONE_PIECE = 64 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


def answer_in_one_piece(app: ModuleType, **_: Any) -> None:
    """A client has an answer's end as soon as its beginning; MiniStack sends head and body one after the other. Go's AWS
    SDK, and so Pulumi's provider, can close a connection between the two: it then takes the answer for lost, makes the
    resource once more, and fails as it exists, functions and permissions after five minutes of trying."""
    import h11
    from hypercorn.events import RawData
    from hypercorn.protocol.h11 import H11Protocol

    create = H11Protocol.__init__

    def with_whole_answers(self: Any, *args: Any) -> None:
        create(self, *args)
        send = self.send
        held = bytearray()

        async def gather(event: Any) -> None:
            if isinstance(event, RawData):
                held.extend(event.data)
                if self.connection.our_state is h11.SEND_BODY and is_short(held):
                    return
            if held:
                data = bytes(held)
                held.clear()
                await send(RawData(data=data))
            if not isinstance(event, RawData):
                await send(event)

        self.send = gather

    def is_short(beginning: bytearray) -> bool:
        length = _LENGTH.search(beginning)
        return length is not None and int(length.group(1)) <= MOST_IN_ONE_PIECE

    H11Protocol.__init__ = with_whole_answers


def no_pause(app: ModuleType, **_: Any) -> None:
    """Step Functions starts an execution at once; MiniStack waits 150 ms first."""
    from ministack.services import stepfunctions

    rewrite(stepfunctions, "_run_execution", "    time.sleep(0.15)\n", "")


def idempotent_start(app: ModuleType, **_: Any) -> None:
    """StartExecution with the name and the input of a running execution gives that execution; MiniStack refuses it with
    ExecutionAlreadyExists."""
    from ministack.services import stepfunctions

    rewrite(
        stepfunctions,
        "_start_execution",
        "    if exec_arn in _executions:\n",
        "    started = _executions.get(exec_arn)\n"
        '    if started and started["status"] == "RUNNING" and started["input"] == data.get("input", "{}"):\n'
        '        return json_response({"executionArn": exec_arn, "startDate": started["startDate"]})\n'
        "    if exec_arn in _executions:\n",
    )


def heartbeats(app: ModuleType, **_: Any) -> None:
    """A task that waits for its token fails with States.HeartbeatTimeout when no heartbeat has come for HeartbeatSeconds;
    MiniStack waits for TimeoutSeconds alone."""
    from ministack.services import stepfunctions

    def wait(token: str, state: dict[str, Any], timeout: float) -> bool:
        info = stepfunctions._task_tokens[token]
        beat = state.get("HeartbeatSeconds")
        if not isinstance(beat, (int, float)):
            return info["event"].wait(timeout=timeout)
        deadline = time.monotonic() + timeout
        seen = None
        while (left := deadline - time.monotonic()) > 0:
            if info["event"].wait(timeout=min(left, beat)):
                return True
            if left > beat and info["heartbeat"] == seen:
                stepfunctions._task_tokens.pop(token, None)
                raise stepfunctions._ExecutionError("States.HeartbeatTimeout", "No heartbeat has come")
            seen = info["heartbeat"]
        return False

    stepfunctions._wait_for_token = wait
    rewrite(
        stepfunctions,
        "_invoke_with_callback",
        "    if not evt.wait(timeout=timeout):\n",
        "    if not _wait_for_token(token, state_def, timeout):\n",
    )


def distributed_maps(app: ModuleType, **_: Any) -> None:
    """A distributed map evaluates its JSONata: items, selector, batches, the reader's arguments, what is assigned and its
    output; MiniStack takes such fields for JSONPath or passes over them. What a ResultWriter would write is not there."""
    from ministack.services import stepfunctions

    run = stepfunctions._run_distributed_map
    evaluate = stepfunctions._apply_jsonata_template

    def read(state: dict[str, Any], given: Any, ctx: dict[str, Any]) -> list[Any]:
        reader = state.get("ItemReader")
        if reader is None:
            return evaluate(state.get("Items", given), given, ctx)
        arguments = evaluate(reader.get("Arguments", {}), given, ctx)
        return stepfunctions._read_map_items({**reader, "Parameters": arguments}, given, ctx)

    def inputs(state: dict[str, Any], given: Any, ctx: dict[str, Any]) -> list[Any]:
        items = read(state, given, ctx)
        if "ItemSelector" in state:
            of_item = [{**ctx, "Map": {"Item": {"Index": i, "Value": item}}} for i, item in enumerate(items)]
            items = [evaluate(state["ItemSelector"], given, each) for each in of_item]
        batcher = state.get("ItemBatcher")
        if batcher is None:
            return items
        size = int(evaluate(batcher.get("MaxItemsPerBatch", len(items) or 1), given, ctx))
        shared = {"BatchInput": evaluate(batcher["BatchInput"], given, ctx)} if "BatchInput" in batcher else {}
        return [{**shared, "Items": items[i : i + size]} for i in range(0, len(items), size)]

    fields = ("Next", "End", "Label", "MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage")

    def outer(
        state: dict[str, Any],
        given: Any,
        effective: Any,
        iterator: dict[str, Any],
        execution: dict[str, Any],
        ctx: dict[str, Any],
    ) -> Any:
        if stepfunctions._state_query_language(state, ctx) != "JSONata":
            return run(state, given, effective, iterator, execution, ctx)
        plain = {field: state[field] for field in fields if field in state}
        results, following = run(plain, given, inputs(state, given, ctx), iterator, execution, ctx)
        output = stepfunctions._apply_jsonata_output(state, given, ctx, result=results, default=results)
        stepfunctions._apply_state_assign(state, given, ctx, result=results)
        return output, following

    stepfunctions._run_distributed_map = outer


def job_settings(app: ModuleType, **_: Any) -> None:
    """GetJob answers with all that CreateJob and UpdateJob were given; MiniStack forgets ExecutionProperty,
    NotificationProperty, ExecutionClass, JobRunQueuingEnabled and others, which Pulumi would set anew each time."""
    from ministack.services import glue

    create = glue._create_job
    update = glue._update_job
    # What MiniStack keeps by itself, and what only names the job.
    apart = {"Name", "JobName", "Tags", "AllocatedCapacity"}

    def keep(name: str, settings: dict[str, Any]) -> None:
        job = glue._jobs.get(name, {})
        job.update({key: value for key, value in settings.items() if key not in apart})

    def create_job(data: dict[str, Any]) -> Any:
        answer = create(data)
        if answer[0] == 200:
            keep(data["Name"], data)
        return answer

    def update_job(data: dict[str, Any]) -> Any:
        answer = update(data)
        if answer[0] == 200:
            keep(data["JobName"], data.get("JobUpdate", {}))
        return answer

    glue._create_job = create_job
    glue._update_job = update_job


def message_attributes(app: ModuleType, **_: Any) -> None:
    """A state machine's sns:publish sends the MessageAttributes that it is given, by which subscriptions filter;
    MiniStack drops them."""
    from ministack.services import stepfunctions

    publish = stepfunctions._invoke_sns_publish

    def with_attributes(resource: str, input_data: dict[str, Any]) -> Any:
        # As the query protocol has them, which is what the topic reads.
        fields = dict(input_data)
        attributes: dict[str, dict[str, str]] = input_data.get("MessageAttributes") or {}
        for number, (name, value) in enumerate(attributes.items(), start=1):
            entry = f"MessageAttributes.entry.{number}"
            fields[f"{entry}.Name"] = name
            fields.update({f"{entry}.Value.{key}": content for key, content in value.items()})
        return publish(resource, fields)

    stepfunctions._SERVICE_DISPATCH["arn:aws:states:::sns:publish"] = with_attributes


def queue_batches(app: ModuleType, **_: Any) -> None:
    """A state machine's aws-sdk:sqs calls carry their lists and objects, such as the entries of a batch; MiniStack sends
    them as forms, in which they are lost."""
    from ministack.services import stepfunctions

    stepfunctions._AWS_SDK_SERVICE_MAP["sqs"] = {"target_prefix": "AmazonSQS", "protocol": "json"}


# Given to the functions with their credentials, as on AWS; by it their own calls are known.
SESSION_TOKEN = "function"
_waited_for = contextvars.ContextVar("waited_for", default=False)


@dataclasses.dataclass(eq=False)
class _Turn:
    """Someone who waits for a process."""

    key: str
    since: float


class _Cap:
    """At most so many processes of functions. Who has to wait does so in a thread of its own.

    A function that invokes another one and waits for it holds a process meanwhile. What it waits for is let in at
    once, or all of them might wait for each other. So there are no more processes than the cap for each such level.
    """

    # Whoever is first in the line waits no longer than this for a process of its own function to become free.
    PATIENCE = 1.0

    def __init__(self, runtime: ModuleType, most: int) -> None:
        self.runtime = runtime
        self.most = most
        self.changed = threading.Condition()
        self.line: collections.deque[_Turn] = collections.deque()
        self.leased = 0
        # A lease ends in the thread where it began, not always with the process that it began with.
        self.here = threading.local()
        self.acquire_inner = runtime.acquire_worker
        self.release_inner = runtime.release_worker

    def acquire(self, func_name: str, config: Any, code_zip: Any, qualifier: str = "$LATEST", **more: Any) -> Any:
        turn = _Turn(self.runtime._worker_key(func_name, config, qualifier), time.monotonic())
        counts = not _waited_for.get()
        with self.changed:
            if counts:
                self.line.append(turn)
                while self.next() is not turn:
                    self.changed.wait(timeout=self.PATIENCE)
                self.line.remove(turn)
            surplus = self.surplus(turn.key)
            leased = self.acquire_inner(func_name, config, code_zip, qualifier=qualifier, **more)
            # What was refused, or failed, is never released.
            self.here.counts = counts and leased[0] is not None
            self.leased += int(self.here.counts)
            self.changed.notify_all()
        self.runtime.kill_workers(surplus)
        return leased

    def release(self, worker: Any) -> None:
        with self.changed:
            self.release_inner(worker)
            if getattr(self.here, "counts", False):
                self.here.counts = False
                self.leased -= 1
            self.changed.notify_all()

    def next(self) -> _Turn | None:
        """First come, first served; but a process that is there is used before one is ended to start another."""
        if self.leased >= self.most:
            return None
        first = self.line[0]
        with self.runtime._lock:
            pools = self.runtime._workers
            idle = {key for key, pool in pools.items() if any(not worker.in_use for worker in pool)}
            has_room = sum(map(len, pools.values())) < self.most
        if has_room or first.key in idle or time.monotonic() - first.since > self.PATIENCE:
            return first
        return next((turn for turn in self.line if turn.key in idle), first)

    def surplus(self, key: str) -> list[Any]:
        """Takes the idle processes of other functions that have to give way, those that are idle longest first."""
        with self.runtime._lock:
            pools = self.runtime._workers
            if any(not worker.in_use for worker in pools.get(key, [])):
                return []
            everyone = [(worker, pool) for pool in pools.values() for worker in pool]
            idle = sorted((pair for pair in everyone if not pair[0].in_use), key=lambda pair: pair[0].last_used)
            taken = idle[: max(0, len(everyone) + 1 - self.most)]
            for worker, pool in taken:
                pool.remove(worker)
            return [worker for worker, _ in taken]


def process_cap(app: ModuleType, processes: int, **_: Any) -> None:
    """However many invocations come, they do not use up the machine, and none is lost: at most a fixed number of processes
    runs, and further invocations wait; MiniStack starts a process of 65 MB for each one that finds none idle."""
    from ministack.core import lambda_runtime as runtime
    from ministack.services import lambda_svc

    os.environ["AWS_SESSION_TOKEN"] = SESSION_TOKEN
    inner = app.app

    async def outer(scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers", []))
        is_invocation = scope["type"] == "http" and scope["path"].endswith("/invocations")
        is_own = headers.get(b"x-amz-security-token") == SESSION_TOKEN.encode()
        is_waited_for = headers.get(b"x-amz-invocation-type") != b"Event"
        _waited_for.set(is_invocation and is_own and is_waited_for)
        await inner(scope, receive, send)

    app.app = outer

    cap = _Cap(runtime, processes)
    for module in (runtime, lambda_svc):
        module.acquire_worker = cap.acquire
        module.release_worker = cap.release


ALL: list[Callable[..., None]] = [
    error_names,
    proxied_requests,
    answer_in_one_piece,
    no_pause,
    idempotent_start,
    heartbeats,
    distributed_maps,
    job_settings,
    message_attributes,
    queue_batches,
    process_cap,
]


def summary(mend: Callable[..., None]) -> str:
    return " ".join((mend.__doc__ or "").split())


def apply(app: ModuleType, *, processes: int) -> list[Callable[..., None]]:
    for mend in ALL:
        mend(app, processes=processes)
    return ALL

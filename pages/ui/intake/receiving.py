"""The route that large files come by: straight to disk, with a ticket, and nothing is left of one that breaks off."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from causal.errors import ArrivalRefused
from pages.ui import answers

PATH = "api/incoming"
_AT_ONCE = 4 * 1024**2


async def _receive(request: Request) -> Response:
    """POST asks whether a file may come (headers X-Ticket, X-Size); PUT brings it."""
    arrivals = answers.arrivals()
    try:
        token = arrivals.token_of(request.headers.get("x-ticket", ""))
        size = _size(request.headers.get("x-size" if request.method == "POST" else "content-length", ""))
        arrivals.expect(token, size)
        if request.method == "PUT":
            await _write(request, token, size)
    except ArrivalRefused as error:
        return JSONResponse({"sentence": str(error)}, status_code=403)
    except ClientDisconnect:
        return Response(status_code=499)
    except OSError as error:
        sentence = (
            f"The server could not write the file ({error.strerror or error}). Make room on its disk, then try again."
        )
        return JSONResponse({"sentence": sentence}, status_code=507)
    return JSONResponse({"size": size})


async def _write(request: Request, token: str, size: int) -> None:
    written = 0
    held = bytearray()
    with answers.arrivals().writing(token) as out:
        async for chunk in request.stream():
            written += len(chunk)
            if written > size:
                raise ArrivalRefused("More bytes came than the file has. Drop it again.")
            held += chunk
            if len(held) >= _AT_ONCE:
                await run_in_threadpool(out.write, bytes(held))
                held.clear()
        await run_in_threadpool(out.write, bytes(held))
        if written < size:
            raise ArrivalRefused("The connection broke off before all of the file was there. Drop it again.")


def _size(header: str) -> int:
    if not header.isdecimal() or len(header) > 18:
        raise ArrivalRefused("The browser does not say how large the file is. Use a recent Chrome, Firefox or Safari.")
    return int(header)


ROUTE = Route(f"/{PATH}", _receive, methods=["POST", "PUT"])

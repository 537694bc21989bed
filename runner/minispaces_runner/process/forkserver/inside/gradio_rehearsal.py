"""One whole start of a small Gradio app: page, settings, and one call, so that each of them is warm and proved."""

from __future__ import annotations

import json
import urllib.request

import gradio
from gradio import context

from . import gradio_once


def rehearse(*, once: bool) -> None:
    """Raises whatever goes wrong."""
    if once:
        gradio_once.install()
    with gradio.Blocks() as blocks:
        text = gradio.Textbox()
        gradio.Button().click(_echo, text, gradio.Textbox(), api_name="predict")
    for app in (blocks, gradio.Interface(_echo, "text", "text", api_name="predict")):
        _, url, _ = app.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", share=False)
        try:
            _prove(url.rstrip("/"))
        finally:
            app.close(verbose=False)
    context.Context.root_block = context.Context.block = None
    context.Context.id = 0


def _echo(text: str) -> str:
    return f"heard {text}"


def _prove(url: str) -> None:
    if b"<html" not in _get(url + "/"):
        raise RuntimeError("no page")
    prefix = json.loads(_get(url + "/config")).get("api_prefix", "")
    event = json.loads(_get(f"{url}{prefix}/call/predict", json.dumps({"data": ["us"]}).encode()))["event_id"]
    if b"heard us" not in _get(f"{url}{prefix}/call/predict/{event}"):
        raise RuntimeError("no answer to a call")


def _get(url: str, data: bytes | None = None) -> bytes:
    asked = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310  # our own address
    with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310  # as above
        return bytes(answer.read())

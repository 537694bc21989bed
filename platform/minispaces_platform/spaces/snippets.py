"""Code that calls an app, ready to be copied. Pure. Names and examples are the app's: quoted as what they are."""

import json
import shlex
from dataclasses import dataclass

from minispaces_platform.spaces.app_api import AppApi, Endpoint, Parameter

TOKEN = "YOUR_TOKEN"  # noqa: S105 - a word that people replace


@dataclass(frozen=True, slots=True)
class Snippet:
    language: str
    code: str


@dataclass(frozen=True, slots=True)
class Call:
    """One endpoint, in every language."""

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    snippets: tuple[Snippet, ...]


def calls_of(api: AppApi, url: str, *, guarded: bool) -> tuple[Call, ...]:
    """Where the app says nothing of itself, one call that any web server answers."""
    if api.kind == "gradio" and api.endpoints:
        return tuple(_gradio(each, api, url, guarded=guarded) for each in api.endpoints)
    if api.kind == "openapi":
        return tuple(_http(each, url, guarded=guarded) for each in api.endpoints)
    return (_http(Endpoint("/", "GET", ""), url, guarded=guarded),)


def _gradio(endpoint: Endpoint, api: AppApi, url: str, *, guarded: bool) -> Call:
    snippets = (
        Snippet("Python", _gradio_python(endpoint, url, guarded=guarded)),
        Snippet("JavaScript", _gradio_javascript(endpoint, url, guarded=guarded)),
        Snippet("curl", _gradio_curl(endpoint, url + api.prefix, guarded=guarded)),
    )
    return Call(endpoint.name, endpoint.summary, endpoint.parameters, snippets)


def _gradio_python(endpoint: Endpoint, url: str, *, guarded: bool) -> str:
    values = [(each.name, _python(json.loads(each.example))) for each in _readable(endpoint)]
    handles = ", handle_file" if any("handle_file(" in value for _, value in values) else ""
    token = f", token={json.dumps(TOKEN)}" if guarded else ""
    lines = [f"    {name}={value}," for name, value in values] + [f"    api_name={json.dumps(endpoint.name)},"]
    call = ["result = client.predict(", *lines, ")", "print(result)"]
    client = f"client = Client({json.dumps(url)}{token})"
    return "\n".join([f"from gradio_client import Client{handles}", "", client, *call])


def _gradio_javascript(endpoint: Endpoint, url: str, *, guarded: bool) -> str:
    token = f", {{ token: {json.dumps(TOKEN)} }}" if guarded else ""
    lines = [f"  {each.name}: {_javascript(json.loads(each.example))}," for each in _readable(endpoint)]
    values = ["{", *lines, "}"] if lines else ["{}"]
    handles = ", handle_file" if any("handle_file(" in line for line in lines) else ""
    load = f'import {{ Client{handles} }} from "@gradio/client";'
    client = f"const client = await Client.connect({json.dumps(url)}{token});"
    call = f"const result = await client.predict({json.dumps(endpoint.name)}, " + "\n".join(values) + ");"
    return f"{load}\n\n{client}\n{call}\nconsole.log(result.data);"


def _gradio_curl(endpoint: Endpoint, base: str, *, guarded: bool) -> str:
    data = json.dumps({"data": [json.loads(each.example) for each in _readable(endpoint)]})
    call = shlex.quote(f"{base}/call{endpoint.name}")
    key = f' \\\n  -H "Authorization: Bearer {TOKEN}"' if guarded else ""
    return (
        f"EVENT=$(curl -s {call}{key} \\\n  -H 'Content-Type: application/json' \\\n  -d {shlex.quote(data)}"
        f" | cut -d'\"' -f4)\ncurl -N {call}/$EVENT{key}"
    )


def _http(endpoint: Endpoint, url: str, *, guarded: bool) -> Call:
    key = f' \\\n  -H "Authorization: Bearer {TOKEN}"' if guarded else ""
    method = f" -X {endpoint.method}" if endpoint.method != "GET" else ""
    address = shlex.quote(url + endpoint.name)
    headers = f'\n    headers={{"Authorization": "Bearer {TOKEN}"}},' if guarded else ""
    where = json.dumps(url + endpoint.name)
    call = f"answer = httpx.{endpoint.method.lower()}(\n    {where},{headers}\n)"
    python = f"import httpx\n\n{call}\nprint(answer.text)"
    snippets = (Snippet("curl", f"curl{method} {address}{key}"), Snippet("Python", python))
    return Call(f"{endpoint.method} {endpoint.name}", endpoint.summary, (), snippets)


def _readable(endpoint: Endpoint) -> list[Parameter]:
    """A long example was cut and is no JSON any more."""
    found = []
    for each in endpoint.parameters:
        try:
            json.loads(each.example)
        except ValueError:
            found.append(Parameter(each.name, each.type, '"..."'))
        else:
            found.append(each)
    return found


def _file(value: object) -> str | None:
    if isinstance(value, dict) and isinstance(value.get("path"), str) and "meta" in value:
        return str(value.get("url") or value["path"])
    return None


def _python(value: object) -> str:
    if file := _file(value):
        return f"handle_file({json.dumps(file)})"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _javascript(value: object) -> str:
    return f"handle_file({json.dumps(file)})" if (file := _file(value)) else json.dumps(value)

"""`GET /v1/openapi.json`: the contract, generated from the models and the routes themselves."""

import re
from typing import Any

from flask import Blueprint, Response, current_app, jsonify

import addin_service
from addin_service.contexts import BY_PHONE
from addin_service.model import Ask, Severity, VerdictWord
from addin_service.pgp.bindings import State
from addin_service.web import wire, wire_learning
from addin_service.web.guard import PUBLIC

blueprint = Blueprint("openapi", __name__)

BODIES: dict[tuple[str, str], type[wire.Wire]] = {
    ("post", "/v1/check"): wire.CheckIn,
    ("post", "/v1/sent"): wire.SentIn,
    ("post", "/v1/seal"): wire.SealIn,
    ("post", "/v1/hello"): wire.HelloIn,
    ("post", "/v1/pair"): wire.PairIn,
    ("post", "/v1/unpair"): wire.UnpairIn,
    ("post", "/v1/contacts/search"): wire.SearchIn,
    ("post", "/v1/contacts"): wire.ContactIn,
    ("post", "/v1/requests"): wire.RequestIn,
    ("post", "/v1/keys/ask"): wire.AskIn,
    ("post", "/v1/history"): wire_learning.HistoryIn,
    ("post", "/v1/book"): wire_learning.BookIn,
    ("post", "/v1/requests/{request_id}"): wire.DecisionIn,
}

STRING: dict[str, Any] = {"type": "string"}
NULLABLE: dict[str, Any] = {"type": ["string", "null"]}
ENTRY = {
    "id": STRING, "entry": STRING, "address": STRING, "domain": STRING, "name": STRING,
    "organisation": STRING, "status": {"enum": ["known", "blocked"]}, "reason": STRING,
    "owner": STRING, "expires": NULLABLE, "source": STRING, "created": STRING,
    "hits": {"type": "integer"}, "last_used": NULLABLE, "person": STRING,
}  # fmt: skip
REQUEST = {
    "id": STRING, "entry": STRING, "address": STRING, "mailbox": STRING, "client": STRING,
    "reason": STRING, "asked": STRING, "state": {"enum": ["open", "granted", "refused"]},
    "decided": NULLABLE,
}  # fmt: skip


def _object(properties: dict[str, Any], nullable: bool = False) -> dict[str, Any]:
    return {
        "type": ["object", "null"] if nullable else "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _counts(*names: str) -> dict[str, Any]:
    return _object({name: {"type": "integer", "minimum": 0} for name in names})


FINDING = _object(
    {
        "id": STRING,
        "code": STRING,
        "severity": {"enum": [severity.value for severity in Severity]},
        "about": _object({"field": {"enum": ["to", "cc", "bcc"]}, "address": STRING}, True),
        "message": STRING,
        "advice": STRING,
        "ask": {"enum": [*(ask.value for ask in Ask), None]},
        "suggestion": _object({"address": STRING, "name": STRING}, True),
        "facts": {"type": "object"},
    }
)

READER = _object(
    {
        "address": STRING, "name": STRING, "organisation": STRING, "outside": {"type": "boolean"},
        "fingerprint": NULLABLE, "state": {"enum": [*(state.value for state in State), BY_PHONE]},
        "sender": {"type": "boolean"}, "archive": {"type": "boolean"},
    }
)  # fmt: skip

ANSWERS: dict[tuple[str, str], dict[str, Any]] = {
    ("get", "/v1/health"): _object({"alive": {"const": True}}),
    ("get", "/v1/openapi.json"): {"type": "object"},
    ("get", "/v1/ready"): _object({"ready": {"const": True}}),
    ("get", "/v1/about"): _object(
        {
            "version": STRING,
            "kind": {"enum": ["desk", "department"]},
            "policy": STRING,
            "sealing": {"type": "boolean"},
        }
    ),
    ("post", "/v1/hello"): _object({"proof": STRING}),
    ("post", "/v1/unpair"): _object({"ended": {"const": True}}),
    ("post", "/v1/pair"): _object({"client": STRING, "token": STRING}),
    ("post", "/v1/check"): _object(
        {
            "reference": NULLABLE,
            "review": NULLABLE,
            "verdict": {"enum": [word.value for word in VerdictWord]},
            "findings": {"type": "array", "items": FINDING},
            "encryption": _object(
                {
                    "required": {"type": "boolean"},
                    "because": {"type": "array", "items": STRING},
                    "possible": {"type": "boolean"},
                    "waived": {"type": "boolean"},
                    "readers": {"type": ["array", "null"], "items": READER},
                }
            ),
            "policy": STRING,
            "unreachable": {"enum": ["hold", "send-with-notice"]},
            "undo": {"type": "integer", "minimum": 0, "maximum": 60},
        }
    ),
    ("post", "/v1/history"): _counts("counted", "known", "passed_over"),
    ("post", "/v1/book"): _counts("changed", "removed", "left_out", "size"),
    ("post", "/v1/sent"): _object({"recorded": {"const": True}, "reference": STRING}),
    ("post", "/v1/seal"): {
        "oneOf": [
            _object({"outer": _object({"subject": STRING}), "entity": STRING}),
            _object(
                {
                    "outer": _object({"subject": STRING}),
                    "text": STRING,
                    "attachments": {"type": "array"},
                }
            ),
            _object(
                {
                    "outer": _object({"subject": STRING}),
                    "text": STRING,
                    "attachments": {"type": "array"},
                    "passphrase": STRING,
                }
            ),
        ]
    },
    ("post", "/v1/contacts/search"): _object(
        {"contacts": {"type": "array", "items": _object(ENTRY)}}
    ),
    ("post", "/v1/contacts"): _object({"id": STRING}),
    ("delete", "/v1/contacts/{contact_id}"): _object({"removed": {"const": True}}),
    ("post", "/v1/requests"): _object({"id": STRING}),
    ("post", "/v1/keys/ask"): _object({"subject": STRING, "text": STRING}),
    ("get", "/v1/requests"): _object({"requests": {"type": "array", "items": _object(REQUEST)}}),
    ("post", "/v1/requests/{request_id}"): _object({"state": {"enum": ["granted", "refused"]}}),
}

ERROR = _object({"error": _object({"code": STRING, "message": STRING, "hint": STRING})})


@blueprint.get("/v1/openapi.json")
def document() -> Response:
    """The OpenAPI 3.1 document of this very service."""
    return jsonify(build(current_app.url_map))


def build(url_map: Any) -> dict[str, Any]:
    """The document for these routes. A route without an entry above is a `KeyError`."""
    schemas: dict[str, Any] = {"Error": ERROR}
    paths: dict[str, Any] = {}
    for rule in sorted(url_map.iter_rules(), key=str):
        if not rule.rule.startswith("/v1/"):
            continue  # pages for people, and figures in a form of their own
        path = re.sub(r"<(\w+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) & {"GET", "POST", "DELETE"}):
            name = (method.lower(), path)
            view = current_app.view_functions[rule.endpoint]
            paths.setdefault(path, {})[name[0]] = _operation(name, view.__doc__ or "", schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Last Look", "version": addin_service.__version__},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operation(name: tuple[str, str], said: str, schemas: dict[str, Any]) -> dict[str, Any]:
    error = {
        "description": "An error",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    operation: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{name[0]}{name[1]}").strip("_"),
        "summary": said.partition("\n")[0],
        "responses": {
            "200": {
                "description": "Done",
                "content": {"application/json": {"schema": ANSWERS[name]}},
            },
            "4XX": error,
            "5XX": error,
        },
    }
    if parameters := re.findall(r"\{(\w+)\}", name[1]):
        operation["parameters"] = [
            {"name": one, "in": "path", "required": True, "schema": STRING} for one in parameters
        ]
    if model := BODIES.get(name):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
        operation["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
            },
        }
    if (name[0].upper(), name[1]) in PUBLIC:
        operation["security"] = []
    return operation

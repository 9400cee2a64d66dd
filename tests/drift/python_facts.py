"""Prints what the installed Python SDK knows of the REST API, as JSON. Nothing is called: the sources are read.

    {"version": ..., "operations": [{"name", "method", "path", "query": {name: {"type", "required"}}, "body"}], "events": [...]}

Types are in the notation of the endpoint table (lua/liveblocks/types.lua); a body of bytes is "bytes". Operations that the
SDK names but does not offer have a name and perhaps a body.
"""

import ast
import enum
import importlib
import inspect
import json
import pkgutil
import re
import textwrap
from importlib.metadata import version

import liveblocks.api
import liveblocks.models

PLAIN = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "None": "null", "Any": "any", "object": "any"}
NAMED = {"CommentBody"}  # the endpoint table has a name for it too


def tree(thing):
    return ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]


def is_unset(node):
    return isinstance(node, ast.Name) and node.id == "Unset"


def alternatives(node):
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return alternatives(node.left) + alternatives(node.right)
    return [node]


def wire_names(cls):
    """The JSON field of each attribute of a model, from its to_dict."""
    names = {}
    for node in ast.walk(tree(cls.to_dict)):
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            pairs = [(node.targets[0].slice, node.value)]
        else:
            continue
        for key, value in pairs:
            if isinstance(key, ast.Constant) and isinstance(value, ast.Name):
                names[value.id] = key.value
    return names


def record(cls, seen):
    fields, rest, wire = [], "any", wire_names(cls)
    for node in tree(cls).body:
        if not isinstance(node, ast.AnnAssign):
            continue
        if node.target.id == "additional_properties":
            rest = notation(node.annotation.slice.elts[1], seen)
        else:
            kinds = alternatives(node.annotation)
            optional = "?" if any(map(is_unset, kinds)) else ""
            fields.append(f"{wire.get(node.target.id, node.target.id)}{optional}: {notation(node.annotation, seen)}")
    return "{" + ", ".join(fields) + "}" if fields else f"map<{rest}>"


def find_model(name):
    """A model by its name; the package does not export them all."""
    module = "liveblocks.models." + re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
    try:
        return getattr(liveblocks.models, name, None) or getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None


def model(name, seen):
    if name in NAMED:
        return name
    cls = find_model(name)
    if cls is None or name in seen:
        return "any"
    if issubclass(cls, enum.IntEnum):
        return "integer"
    if issubclass(cls, enum.Enum):
        return "|".join(f"'{one.value}'" for one in cls)
    return record(cls, seen | {name})


def notation(node, seen=frozenset()):
    kinds = [kind for kind in alternatives(node) if not is_unset(kind)]
    if len(kinds) > 1:
        return "|".join(notation(kind, seen) for kind in kinds)
    node = kinds[0]
    if isinstance(node, ast.Constant):
        return "null" if node.value is None else notation(ast.parse(node.value, mode="eval").body, seen)
    if isinstance(node, ast.Attribute):
        return "date" if node.attr == "datetime" else "any"
    if isinstance(node, ast.Subscript):
        kind = node.value.id
        if kind == "Literal":
            values = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            return "|".join(f"'{one.value}'" if isinstance(one.value, str) else str(one.value).lower() for one in values)
        if kind == "list":
            item = notation(node.slice, seen)
            return f"({item})[]" if "|" in item else f"{item}[]"
        return f"map<{notation(node.slice.elts[1], seen)}>"
    return PLAIN.get(node.id) or model(node.id, seen)


def text_of(node):
    """A string literal, or one that is formatted."""
    return node.value if isinstance(node, ast.Constant) else node.func.value.value


def operation(name, module):
    function = tree(module._get_kwargs)
    spec = function.args
    annotations = {one.arg: one.annotation for one in spec.args + spec.kwonlyargs}
    required = {one.arg for one, default in zip(spec.kwonlyargs, spec.kw_defaults) if default is None}
    facts = {"name": name, "query": {}, "body": None}
    variables = {}  # what a parameter is called after it was turned into JSON
    for node in ast.walk(function):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values):
                if isinstance(key, ast.Constant) and key.value in ("method", "url"):
                    facts[key.value] = text_of(value)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id.startswith("json_"):
                variables[target.id] = target.id[len("json_"):]
            elif isinstance(target, ast.Subscript) and target.value.id == "params" and isinstance(node.value, ast.Name):
                parameter = variables.get(node.value.id, node.value.id)
                facts["query"][target.slice.value] = {"type": notation(annotations[parameter]), "required": parameter in required}
    if "body" in annotations:
        names = [kind.id for kind in alternatives(annotations["body"]) if isinstance(kind, ast.Name)]
        facts["body"] = "bytes" if names == ["File"] else notation(annotations["body"])
    return {"name": name, "method": facts["method"].upper(), "path": facts["url"], "query": facts["query"], "body": facts["body"]}


def empty(name):
    request = "".join(word.capitalize() for word in name.split("_")) + "RequestBody"
    return {"name": name, "body": model(request, frozenset()) if find_model(request) else None}


def main():
    operations = []
    for group in pkgutil.iter_modules(liveblocks.api.__path__, "liveblocks.api."):
        package = importlib.import_module(group.name)
        for one in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{group.name}.{one.name}")
            # The SDK is made without some calls: their modules are empty, but the models of their bodies are there.
            facts = operation(one.name, module) if hasattr(module, "_get_kwargs") else empty(one.name)
            operations.append(facts)
    events = [one.value for one in find_model("ManagementWebhookEvent")]
    print(json.dumps({"version": version("liveblocks"), "operations": operations, "events": events}))


main()

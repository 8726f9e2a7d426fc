"""YAML files as pydantic models, with messages that name file, line and nearest spelling.

What the files may say is declared in ``schemas``; checks beyond one file belong in ``studies.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.problems import Problem, ProblemsFoundError, nearest

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[str | int, ...]
Prepare = Callable[[Path, dict[str, Any]], dict[str, Any]]


def load(path: Path, model: type[Model], prepare: Prepare | None = None) -> Model:
    """A YAML file as a pydantic model; ``prepare`` may complete its content first.

    Raises
    ------
    ProblemsFoundError
        When it is no YAML, or the model refuses it: each problem with file, line and nearest spelling.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except UnicodeDecodeError as error:
        raise ProblemsFoundError([Problem(path.name, None, "", "", "not UTF-8 text", "Save it as UTF-8.")]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        rule = f"not valid YAML: {getattr(error, 'problem', None) or 'unreadable'}"
        remedy = "Check the indentation, colons and quotes of this line and the one above."
        if "stands twice" in rule:
            rule, remedy = str(getattr(error, "problem", "")), "Remove one of them: the first would be lost."
        row = mark.line + 1 if mark else None
        raise ProblemsFoundError([Problem(path.name, row, "", "", rule, remedy)]) from error
    if prepare and isinstance(content, dict):
        content = prepare(path, content)
    try:
        return model.model_validate(content if isinstance(content, dict) else {})
    except ValidationError as error:
        lines = lines_of(path)
        raise ProblemsFoundError([_explain(path, lines, model, one) for one in error.errors()]) from error


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which cells of an export are what they look like, and no key stands twice.

    Yes, no, on and off are words; 010 is no 8, and 12:30 no 750.
    """

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(None, None, f"'{key.value}' stands twice", key.start_mark)
                seen.add(key.value)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


_WHOLE = re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$")
_POINT = re.compile(r"^[-+]?(?:0|[1-9][0-9]*)?\.[0-9]+(?:e[-+][0-9]+)?$|^[-+]?\.inf$|^\.nan$", re.IGNORECASE)
_NUMBERS = {"tag:yaml.org,2002:int": _WHOLE, "tag:yaml.org,2002:float": _POINT}

_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, _NUMBERS.get(tag, pattern))
        for tag, pattern in resolvers
        if not (tag.endswith(":bool") and first in "yYnNoO")
    ]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


def lines_of(path: Path) -> dict[Location, int]:
    """Line of each key and list entry of a YAML file, by its location."""
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    return dict(_walk(root, ()))


def _walk(node: Any, at: Location) -> Iterator[tuple[Location, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*at, key.value), key.start_mark.line + 1
            yield from _walk(value, (*at, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*at, index), value.start_mark.line + 1
            yield from _walk(value, (*at, index))


def located(path: Path, lines: dict[Location, int], at: Location, rule: str, remedy: str) -> Problem:
    """A problem at a location of a YAML file, with the nearest line that is known."""
    known = next((at[:end] for end in range(len(at), 0, -1) if at[:end] in lines), ())
    column = ".".join(str(part) for part in at)
    return Problem(f"{path.parent.name}/{path.name}", lines.get(known), column, "", rule, remedy)


_PLAIN = {
    "tuple_type": "must be a list: [one, two], or a line with a dash for each",
    "dict_type": "must have keys: {one: ..., two: ...}, or a line for each",
    "model_type": "must have keys: {one: ..., two: ...}, or a line for each",
    "string_type": "must be a text",
}
"""What pydantic says in the words of programmers."""


def _explain(path: Path, lines: dict[Location, int], model: type[BaseModel], error: Any) -> Problem:
    at: Location = tuple(error["loc"])
    if error["type"] == "extra_forbidden":
        known = sorted(_fields(model, at[:-1]))
        return located(path, lines, at, f"unknown key '{at[-1]}'", nearest(str(at[-1]), known))
    if error["type"] == "literal_error":
        given, known = str(error["input"]), [str(one) for one in _literals(model, at)]
        return located(
            path, lines, at, f"'{given}' is not one of those known", nearest(given, known) or str(error["msg"])
        )
    if error["type"] == "missing":
        return located(path, lines, at, f"'{at[-1]}' is missing", "Add it.")
    rule = _PLAIN.get(error["type"], str(error["msg"])).removeprefix("Value error, ")
    return located(path, lines, at, rule, "Correct it.")


def _fields(model: type[BaseModel], at: Location) -> list[str]:
    """Names that may stand at a location of a model."""
    for part in at:
        if isinstance(part, str) and part in model.model_fields:
            model = _inner_model(model.model_fields[part].annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _literals(model: type[BaseModel], at: Location) -> tuple[Any, ...]:
    """Words that may stand at a location of a model."""
    names = [part for part in at if isinstance(part, str)]
    for part in names[:-1]:
        if part in model.model_fields:
            model = _inner_model(model.model_fields[part].annotation) or model
    field = model.model_fields.get(names[-1]) if names else None
    return _words_of(field.annotation) if field else ()


def _words_of(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return tuple(word for inner in get_args(annotation) for word in _words_of(inner))


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for m in map(_inner_model, get_args(annotation)) if m), None)

"""Finds Quarto and Pandoc constructs in the Markdown of a `.qmd` that the two engines don't render alike.

A line-based reading, on purpose stricter than Pandoc's: what it does not know it stops. Front matter and cells
are checked in `lint`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pipeline.reporting import features
from pipeline.reporting.source import FENCE, INLINE, Block, is_fenced

Found = tuple[int, str, str]
NOT_IN_USE = "is not among the features of these reports"

DIV = re.compile(r"^\s*:{3,}\s*(?P<attributes>\{.*\}|[\w.-]+)?\s*:*\s*$")
HEADING = re.compile(r"^#{1,6}\s.*?\{(?P<attributes>[^{}`]*)\}\s*#*\s*$")
CAPTION = re.compile(r"^\s*(?::|Table:)\s+.*?\{(?P<attributes>[^{}`]*)\}\s*$")
IMAGE = re.compile(r"!\[(?P<caption>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<target>[^)]*)\)(?:\{(?P<attributes>[^{}]*)\})?")
SPAN = re.compile(r"(?<!!)\[(?:[^\[\]]|\[[^\[\]]*\])*\](?:\([^)]*\))?\{(?P<attributes>[^{}]*)\}")
CODE = re.compile(r"(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)(?P<attributes>\{[^{}]*\})?")
SHORTCODE = re.compile(r"(?<!\{)\{\{<\s*(?P<name>[\w/.-]+)")
HTML = re.compile(r"<(?P<name>/?[A-Za-z][\w-]*)(?:\s[^<>]*)?/?>")
TEX = re.compile(r"(?<!\\)\\(?P<name>[A-Za-z]+)")
MATH = re.compile(r"(?<![\\\w$])(\$\$.+|\$(?=\S)[^$]*?(?<=[^\s\\])\$(?!\d))")
REFERENCE = re.compile(r"(?<![\w@.])@(?P<prefix>[A-Za-z]+)-[\w-]+")
ATTRIBUTE = re.compile(
    r"#(?P<id>[\w:.-]+)|\.(?P<class>[\w-]+)|(?P<key>[\w-]+)=(?P<value>\"[^\"]*\"|'[^']*'|\S+)|(?P<bare>\S+)"
)


def prose_problems(blocks: Iterable[Block]) -> Iterator[Found]:
    """Line, feature and message of each construct outside the set, in the Markdown blocks of one file."""
    divs: list[int] = []
    comment = False
    for block in blocks:
        if block.kind != "markdown":
            continue
        lines = block.text.splitlines()
        for number, (text, fenced) in enumerate(zip(lines, is_fenced(lines), strict=True), start=block.line):
            if fenced:
                yield from _code_fence(number, text)
                continue
            visible, comment = _without_comments(text, comment)
            yield from _div(number, visible, divs)
            yield from _line(number, visible)
    for line in divs:
        yield line, "div :::", "is never closed"


def _code_fence(number: int, text: str) -> Iterator[Found]:
    match = FENCE.match(text)
    info = match["info"].strip() if match else ""
    if info.startswith("{="):
        yield number, f"raw block {info}", NOT_IN_USE
    elif info.startswith("{") and not re.fullmatch(r"\{\s*\.[\w-]+\s*\}", info):
        yield number, f"code block options {info}", NOT_IN_USE


def _without_comments(text: str, inside: bool) -> tuple[str, bool]:
    """The line without HTML comments, and whether a comment goes on in the next line."""
    kept = ""
    while text:
        mark = "-->" if inside else "<!--"
        before, found, text = text.partition(mark)
        kept += "" if inside else before
        if not found:
            break
        inside = not inside
    return kept, inside


def _div(number: int, text: str, divs: list[int]) -> Iterator[Found]:
    match = DIV.match(text)
    if not match:
        return
    if match["attributes"] is None:
        if divs:
            divs.pop()
        else:
            yield number, "div :::", "closes nothing"
        return
    divs.append(number)
    yield from _div_attributes(number, match["attributes"])


def _div_attributes(number: int, text: str) -> Iterator[Found]:
    bare = not text.startswith("{")
    identifier, classes, pairs = _attributes(f".{text}" if bare else text[1:-1])
    for name in classes:
        if name not in features.DIV_CLASSES:
            yield number, f"div .{name}", NOT_IN_USE
    if not classes and identifier != "refs":
        yield number, "div without a class", NOT_IN_USE
    if features.CONDITIONAL & set(classes):
        yield from _conditions(number, classes[0], pairs)
        return
    allowed = {"title"} if features.CALLOUTS & set(classes) else set()
    yield from _extra(number, "div attribute", set(pairs) - allowed)


def _conditions(number: int, name: str, pairs: dict[str, str]) -> Iterator[Found]:
    if not features.CONDITIONS & set(pairs):
        yield number, f".{name}", "needs when-format or unless-format"
    for key, value in pairs.items():
        if key not in features.CONDITIONS:
            yield number, f".{name} {key}", NOT_IN_USE
        elif value not in features.CONDITION_FORMATS:
            yield number, f"{key}={value}", f"is none of {', '.join(sorted(features.CONDITION_FORMATS))}"


def _line(number: int, text: str) -> Iterator[Found]:
    for match in SHORTCODE.finditer(text):
        yield number, f"shortcode {match['name']}", NOT_IN_USE
    yield from _inline_code(number, text)
    # Code keeps its place, so that `a`{=html} and images around code still parse.
    text = CODE.sub("CODE", text)
    yield from _headings_and_captions(number, text)
    yield from _images(number, text)
    yield from _spans(number, text)
    yield from _raw(number, text)
    for match in REFERENCE.finditer(text):
        if match["prefix"] in features.OTHER_REFERENCE_PREFIXES:
            yield number, f"reference {match[0]}", NOT_IN_USE


def _inline_code(number: int, text: str) -> Iterator[Found]:
    for match in INLINE.finditer(text):
        if match["language"] not in features.LANGUAGES:
            yield number, f"inline code {{{match['language']}}}", NOT_IN_USE
    for match in CODE.finditer(text):
        if match["attributes"]:
            yield number, f"code attributes {match['attributes']}", NOT_IN_USE


def _headings_and_captions(number: int, text: str) -> Iterator[Found]:
    heading = HEADING.match(text)
    if heading and not DIV.match(text):
        _, classes, pairs = _attributes(heading["attributes"])
        classes = [name for name in classes if name != "-"]
        yield from _extra(number, "heading attribute", {*classes, *pairs} - features.HEADING_CLASSES)
    caption = CAPTION.match(text)
    if caption:
        _, classes, pairs = _attributes(caption["attributes"])
        yield from _extra(number, "table attribute", {*classes, *pairs})


def _images(number: int, text: str) -> Iterator[Found]:
    for match in IMAGE.finditer(text):
        _, classes, pairs = _attributes(match["attributes"] or "")
        yield from _extra(number, "image attribute", {*classes, *pairs} - {"fig-alt"})
        if re.match(r"\s*<?(https?:)?//", match["target"]):
            yield number, "image from the network", "reports must open offline; put the image into the project"
        if not match["caption"].strip() and not pairs.get("fig-alt"):
            yield number, "image without alternative text", "give it fig-alt or a caption"


def _spans(number: int, text: str) -> Iterator[Found]:
    for match in SPAN.finditer(text):
        _, classes, pairs = _attributes(match["attributes"])
        if features.CONDITIONAL & set(classes):
            yield from _conditions(number, classes[0], pairs)
        else:
            yield from _extra(number, "span attribute", {*classes, *pairs} or {match["attributes"]})


def _raw(number: int, text: str) -> Iterator[Found]:
    for match in HTML.finditer(text):
        yield number, f"raw HTML <{match['name']}>", NOT_IN_USE
    for match in TEX.finditer(text):
        yield number, f"raw TeX \\{match['name']}", NOT_IN_USE
    for match in MATH.finditer(text):
        yield number, f"mathematics {match[0]}", f"{NOT_IN_USE}; for a money sign write \\$"


def _extra(number: int, what: str, names: set[str]) -> Iterator[Found]:
    for name in sorted(names):
        yield number, f"{what} {name}", NOT_IN_USE


def _attributes(text: str) -> tuple[str, list[str], dict[str, str]]:
    """Identifier, classes (with anything unreadable) and key-value pairs of Pandoc attributes."""
    identifier, classes, pairs = "", [], {}
    for match in ATTRIBUTE.finditer(text):
        if match["id"]:
            identifier = match["id"]
        elif match["key"]:
            pairs[match["key"]] = match["value"].strip("\"'")
        else:
            classes.append(match["class"] or match["bare"])
    return identifier, classes, pairs

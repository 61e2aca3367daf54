# SPDX-License-Identifier: MIT
"""The declarations of a header in Doxygen's form, each with the comment that is about it."""

import re

from subjects import subject_of
from text import Comment, blocks, brief_of, errors_of

LIBRARYS = "for the library only"


def pieces(text, separator=";"):
    """The text of a header or of a struct's body, in order: ("comment", text), ("empty", ""), or
    ("code", text) for a declaration, an enumerator or a #define, each with "same" if it begins on the
    line on which the one before ended."""
    at, depth, start, line_begin = 0, 0, None, True
    comment = re.compile(r"/\*.*?\*/", re.DOTALL)
    define = re.compile(r"#(?:[^\n]*\\\n)*[^\n]*")
    while at < len(text):
        if start is None:
            if (match := comment.match(text, at)):
                yield "comment", match.group(0), not line_begin
                at, line_begin = match.end(), False
                continue
            if text[at] == "#" and line_begin:
                match = define.match(text, at)
                code = match.group(0)
                cut = code.find("/*")
                if cut >= 0:
                    code = code[:cut]
                yield "code", code.rstrip(), False
                at, line_begin = at + len(code), cut < 0
                continue
            if text[at].isspace():
                if text[at] == "\n":
                    if line_begin and text[at - 1:at] == "\n":
                        yield "empty", "", False
                    line_begin = True
                at += 1
                continue
            start, same = at, not line_begin
        if (match := comment.match(text, at)):
            at = match.end()
            continue
        character = text[at]
        depth += character in "{(["
        depth -= character in "})]"
        at += 1
        inline = character == "}" and depth == 0 and re.search(r"\)\s*\{", text[start:at])
        if depth == 0 and (character == separator or inline or
                           (character == "}" and not text[at:].strip())):
            yield "code", text[start:at], same
            start, line_begin = None, False
    if start is not None:
        yield "code", text[start:], same


def documented(items):
    """Pairs of a declaration and its comment; ("section", comment) where one stands alone. Without
    what is for the library only."""
    items = list(items)
    above, private, i = None, False, 0
    while i < len(items):
        kind, text, _ = items[i]
        after = items[i + 1] if i + 1 < len(items) else ("empty", "", False)
        if kind == "empty":
            above, private = None, False
        elif kind == "comment" and LIBRARYS in text.lower():
            private = True
        elif private:
            pass
        elif kind == "comment":
            if after[0] == "empty" or after[1].startswith(("#ifndef", "#ifdef")) and \
                    "_H" in after[1]:
                yield "section", Comment(text)
                above = None
            else:
                above = Comment(text)
        else:
            own = None
            if after[0] == "comment" and after[2]:
                own, i = Comment(after[1]), i + 1
            if not own or LIBRARYS not in after[1].lower():
                yield text, own or above
        i += 1


def document(names, comment, group, section=None, header=None, integer=False):
    """One of Doxygen's comments; without a group that of a member. A function (it has a header) has its
    errors, and those of its section."""
    errors = []
    details = blocks(names, comment.lines, errors)
    if group is not None or details[1:] != [""]:
        brief = [names.inline(brief_of(comment.lines)), "", *details]
    else:
        # One paragraph about a member.
        brief = details
    out = [f"@ingroup {group}"] if group is not None else []
    out += ["@brief " + brief[0], ""]
    if header:
        out += [f"<code>\\#include &lt;%vcpu/{header}&gt;</code>", ""]
    out += brief[2:]
    if header:
        also = any(lines[0].startswith("also:") for _, lines in errors)
        inherits = section and integer and (also or not errors)
        if section and (inherits or not errors) and section.inside:
            out += blocks(names, section.lines, [])
        if inherits:
            general = dict(section.errors(names))
            for code, lines in errors:
                if lines[0].startswith("also:"):
                    lines[0] = "; ".join(filter(None, general.pop(code, []) + [lines[0][6:]]))
            errors = list(general.items()) + errors
        out += errors_of(names, errors)
    return "/**\n" + "\n".join(out) + "\n*/\n"


def members(names, body, separator):
    """The members of a struct or enum, each with its comment. A union's are the struct's."""
    out = []
    for code, comment in documented(pieces(body, separator)):
        if code == "section":
            continue
        code = re.sub(r"/\*.*?\*/", "", code, flags=re.DOTALL).strip()
        code = code if code.startswith("union {") else " ".join(code.split())
        if code.startswith("union {"):
            inner = body[body.index("union {") + 7:]
            out += members(names, inner[:inner.index("\n    }")], separator)
            continue
        code = code.rstrip(separator)
        each = [code]
        if separator == ";" and "(" not in code and "," in code:
            kind, first = re.match(r"(.*?)(\w+(?:\[.*\])?)$", code.split(",")[0]).groups()
            each = [kind + name.strip() for name in [first] + code.split(",")[1:]]
        for one in each:
            if comment:
                out.append(document(names, comment, None))
            out.append(one + separator + "\n")
    return out


def declaration(names, header, code, comment, section):
    """A declaration of a header in Doxygen's form."""
    first = re.sub(r"/\*.*?\*/", "", code, flags=re.DOTALL)
    aggregate = re.match(r"(?:typedef )?(struct|enum)(?: (\w+))? \{\n?", code)
    if code.startswith("#"):
        if not re.match(r"#define VCPU_\w+(?! *$)", code) or re.match(r"#define \w+_H$", code):
            return ""
        if "VCPU_INLINE" in code:
            code = "#define VCPU_INLINE"
        name = re.match(r"#define (\w+)", code).group(1)
        return (document(names, comment, subject_of(header, name)) if comment else "") + code + "\n"
    if aggregate:
        kind, name = aggregate.groups()
        group = subject_of(header, name or "")
        body, end = code[aggregate.end():code.rindex("}")], code[code.rindex("}"):]
        end = re.sub(r"__attribute__\(\(.*\)\)", "", end)
        text = document(names, comment, group) if comment else ""
        separator = "," if kind == "enum" else ";"
        return text + aggregate.group(0) + "".join(members(names, body, separator)) + end + "\n"
    if "(" in first:
        prototype = re.sub(r"\s*\{.*", ";", first, flags=re.DOTALL)
        prototype = re.sub(r"^(VCPU_INLINE|static inline) ", "", " ".join(prototype.split()))
        name = re.search(r"(\w+)\(", prototype).group(1)
        text = ""
        if comment:
            text = document(names, comment, subject_of(header, name), section, header,
                            prototype.startswith("int "))
            text = text.replace("/**\n", f"/**\n@anchor call_{name}\n")
        return text + prototype + "\n"
    return code + "\n"

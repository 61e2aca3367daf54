# SPDX-License-Identifier: MIT
"""The text of a header's comment in Doxygen's form: paragraphs, lists, tables, errors, links."""

import os
import re
import textwrap

from subjects import subject_of

ERROR = re.compile(r"^( +)(VCPU_OK|VCPU_ERR_\w+) +(?=\S)")
POINT = re.compile(r"^( *)(- |\d+\. )")
NAME = re.compile(r"\b(?:(struct|enum) )?((?:vcpu|VCPU)_\w*\w)(\.\w+|->\w+)?|\bvcpu/(\w+\.h)\b")


class Names:
    """What the headers declare, for links."""

    def __init__(self, include):
        text = "\n".join(open(os.path.join(include, name), encoding="utf-8").read()
                         for name in sorted(os.listdir(include)))
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        self.tags = {}
        for kind, tag, body in re.findall(r"^(struct|enum|typedef struct) (\w+) \{(.*?)^\}", text,
                                          re.MULTILINE | re.DOTALL):
            self.tags[tag] = (kind, set(re.findall(r"(\w+)(?:\[[^]]*\])*[;,]|\(\*(\w+)\)", body)))
        self.functions = set(re.findall(r"\b(vcpu_\w+)\(", text))
        self.constants = (set(re.findall(r"^#define (VCPU_\w+)", text, re.MULTILINE)) |
                          set(re.findall(r"^ +(VCPU_\w+)(?: =.*)?,?$", text, re.MULTILINE)))

    def reference(self, function):
        # Doxygen takes a function for the struct or enum of the same name.
        return f"call_{function}" if function in self.tags else function + "()"

    def link(self, match):
        kind, name, member, header = match.groups()
        shown = match.group(0)
        if header:
            subject = subject_of(header, "")
            return f'@ref {subject} "{shown}"' if subject else shown
        if kind is None and name in self.functions and not member:
            return f'@ref {self.reference(name)} "{name}"'
        if name in self.tags:
            members = {one for pair in self.tags[name][1] for one in pair}
            if member and member.lstrip(".->") in members:
                return f'@ref {name}::{member.lstrip(".->")} "{shown}"'
            end = shown[len(shown) - len(member or ""):] if member else ""
            return f'@ref {name} "{shown[:len(shown) - len(end)]}"{end}'
        if name in self.constants:
            return f'@ref {name} "{name}"' + (member or "")
        return shown

    def inline(self, text):
        """A line of running text."""
        text = re.sub(r"([\\@&<>#%$])", lambda m: {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(
            m.group(1), "\\" + m.group(1)), text)
        # The host writes a->b, which is &gt; now.
        text = NAME.sub(self.link, text.replace("-&gt;", "->")).replace("->", "-&gt;")
        text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
        return re.sub(r"(?<!\S)\*(\w+)\*(?!\w)", r"<em>\1</em>", text)


def body_of(comment):
    """The lines between the comment's marks, without the column of stars."""
    text = re.sub(r"^/\*[ \n]?|\s*\*/$", "", comment)
    return [re.sub(r"^\s*\* ?", "", line) if line.lstrip().startswith("*") else line.strip()
            for line in text.split("\n")]


def indent_of(line):
    return len(line) - len(line.lstrip())


def take(lines, start, deeper):
    """The first line behind a block that begins at start: its lines are indented by `deeper` at least."""
    end = start + 1
    while end < len(lines) and (not lines[end].strip() or indent_of(lines[end]) >= deeper):
        end += 1
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return end


def table(lines):
    """Two columns, as rows; None if the text is not such a table."""
    lines = textwrap.dedent("\n".join(lines)).split("\n")
    rows, column = [], None
    for line in lines:
        match = re.match(r"^(\S.*?)(  +|(?<=,)  *$|$)(.*)", line)
        if match and match.group(2).strip() == "" and match.group(3):
            if column not in (None, match.start(3)):
                match = re.match(rf"^(.{{{column}}})()(.*)", line)
                if not match or not match.group(1).rstrip():
                    return None
            column = match.start(3)
            rows.append([match.group(1).strip(), [match.group(3)]])
        elif rows and line.strip() and column is not None and indent_of(line) >= column:
            rows[-1][1].append(line.strip())
        elif rows and column and len(line) > column and line[column - 1] == " ":
            rows.append([line[:column].strip(), [line[column:]]])
        else:
            return None
    return rows if len(rows) > 1 else None


def blocks(names, lines, errors):
    """Doxygen's form of the lines of a comment. Errors go to the list instead."""
    out, paragraph, at = [], [], 0

    def flush():
        text = re.sub(r" *Errors of all (calls|of them):$", "", " ".join(paragraph))
        if text:
            out.extend([names.inline(text), ""])
        paragraph.clear()

    while at < len(lines):
        line = lines[at]
        if not line.strip():
            flush()
            at += 1
        elif (match := ERROR.match(line)):
            flush()
            end = take(lines, at, len(match.group(1)) + 1)
            first = line[match.end():]
            rest = textwrap.dedent("\n".join(lines[at + 1:end])).split("\n") if end > at + 1 else []
            errors.append((match.group(2), [first] + rest))
            at = end
        elif (match := POINT.match(line)):
            flush()
            column = len(match.group(1))
            tag = "ul" if match.group(2) == "- " else "ol"
            out.append(f"<{tag}>")
            while at < len(lines):
                if not lines[at].strip() and at + 1 < len(lines):
                    after = POINT.match(lines[at + 1])
                    if not after or len(after.group(1)) != column:
                        break
                    at += 1
                match = POINT.match(lines[at])
                if not match or len(match.group(1)) != column or \
                        (tag == "ul") != (match.group(2) == "- "):
                    break
                end = take(lines, at, match.end())
                inner = [lines[at][match.end():]] + \
                        [each[match.end():] for each in lines[at + 1:end]]
                out.append("<li>")
                out += blocks(names, inner, errors)
                out.append("</li>")
                at = end
            out += [f"</{tag}>", ""]
        elif indent_of(line) >= 2:
            flush()
            end = take(lines, at, 2)
            rows = table(lines[at:end])
            if rows:
                out.append('<table class="columns">')
                for left, right in rows:
                    out.append(f"<tr><td>{names.inline(left)}</td>"
                               f"<td>{names.inline(' '.join(right))}</td></tr>")
                out += ["</table>", ""]
            else:
                out += ["@verbatim", textwrap.dedent("\n".join(lines[at:end])), "@endverbatim", ""]
            at = end
        else:
            paragraph.append(line.strip())
            at += 1
    flush()
    return out


def errors_of(names, errors):
    """A table of errors."""
    title = "Result" if "VCPU_OK" in dict(errors) else "Errors"
    yield f'<table class="errors"><tr><th colspan="2">{title}</th></tr>'
    for code, lines in errors:
        yield f"<tr><td>{names.inline(code)}</td><td>"
        yield from blocks(names, lines, [])
        yield "</td></tr>"
    if not errors:
        yield '<tr><td colspan="2">None.</td></tr>'
    yield "</table>"


def whole_of(names, comment):
    """All of a comment that is about more than one declaration."""
    errors = []
    out = blocks(names, comment.lines, errors)
    if errors:
        title = '<table class="errors"><tr><th colspan="2">Errors of all calls</th></tr>'
        out += [title, *list(errors_of(names, errors))[1:]]
    return "\n".join(out)


def brief_of(lines):
    """The first sentence, in one line."""
    words = []
    for line in lines:
        if not line.strip() or ERROR.match(line) or POINT.match(line):
            break
        words.append(line.strip())
    text, depth = " ".join(words), 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 and character in ".:?" and text[at + 1:at + 2] in ("", " ") and \
                (character != ":" or text[:at].count(" ") >= 5):
            end = re.search(r"[.?](?= |$)", text[at:])
            return text[:at] + ("?" if end and end.group(0) == "?" else ".")
    return text.rstrip(".:;,") + "."


class Comment:
    def __init__(self, text=None):
        self.lines = body_of(text) if text else []

    def errors(self, names):
        found = []
        blocks(names, self.lines, found)
        return found

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The API reference's input for Doxygen (cmake/docs.cmake), made from the public headers.

    reference.py filter HEADER   the header's declarations with comments in Doxygen's form
    reference.py front ROOT      the front page, an index by subject

The headers are for reading: plain comments, without commands. Their conventions are known here:
 - a comment documents the declarations below it, up to an empty line or a comment of their own;
 - a comment with an empty line below it is about the declarations up to the next one of that kind. Its
   errors are those of functions that list none, and of those that say "also:";
 - VCPU_ERR_... with a text indented behind it is an error; "- " and "1. " begin points; other indented
   text is a table if it has two columns, otherwise stands as it is.
"""

import os
import re
import sys
import textwrap

# The subjects: title, a sentence, the headers whose declarations they have.
SUBJECTS = {
    "cpu": ("Machine and CPU", "What the host gives to the library, and taking EL2 on each CPU.",
            ("host.h", "percpu.h")),
    "vm": ("VM and vCPU", "Making, resetting and ending virtual machines and their CPUs.",
           ("vm.h", "vmid.h")),
    "run": ("Run and exits", "Entering a guest, why it came back, and completing that.",
            ("vcpu.h", "exit.h")),
    "answers": ("Answers", "What a host answers to an exit that it does not know, and exits in words.",
                ("answer.h",)),
    "inject": ("Exceptions and lines", "Exceptions that the host makes a guest take; IRQ and FIQ lines.",
               ("inject.h",)),
    "registers": ("Registers and snapshots", "A vCPU's registers by id, one at a time or all.",
                  ("reg.h", "sysreg.h")),
    "stage2": ("Stage 2 and memory", "Tables of guest memory, its caches, types of address.",
               ("stage2.h", "cache.h", "addr.h")),
    "interrupts": ("Interrupts", "A virtual GICv3 or GICv2, and the host's interrupt handler.",
                   ("interrupts.h", "gic.h")),
    "timers": ("Timers", "The guest's virtual and physical timer.", ("timer.h",)),
    "pmu": ("PMU", "Performance monitors of a guest.", ("pmu.h",)),
    "debug": ("Debug", "A host that debugs a guest.", ("debug.h",)),
    "devices": ("Devices", "Devices that the library asks at an exit, and vCPUs that wait.",
                ("device.h",)),
    "emulation": ("Emulation", "Loads and stores that the CPU does not describe.", ("emulate.h",)),
    "power": ("Power and calls", "PSCI, SMCCC, and the choice of who answers which call.",
              ("psci.h", "calls.h")),
    "version": ("Version, errors, types", "What all headers share.",
                ("version.h", "error.h", "types.h", "prefix.h")),
}
# Where one header has two subjects.
ELSEWHERE = dict.fromkeys(
    ("vcpu", "vcpu_config", "vcpu_create", "vcpu_destroy", "vcpu_reset", "vcpu_vm_of", "vcpu_index",
     "vcpu_mpidr", "vcpu_user", "vcpu_set_entry", "vcpu_set_ept_root"), "vm")

ERROR = re.compile(r"^( +)(VCPU_OK|VCPU_ERR_\w+) +(?=\S)")
POINT = re.compile(r"^( *)(- |\d+\. )")
LIBRARYS = "for the library only"
NAME = re.compile(r"\b(?:(struct|enum) )?((?:vcpu|VCPU)_\w*\w)(\.\w+|->\w+)?|\bvcpu/(\w+\.h)\b")


# ---- the text of a comment


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


# ---- the declarations


def subject_of(header, name):
    if name in ELSEWHERE and header == "vcpu.h":
        return ELSEWHERE[name]
    return next((subject for subject, (_, _, headers) in SUBJECTS.items() if header in headers), None)


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


def filtered(path):
    header = os.path.basename(path)
    names = Names(os.path.dirname(path))
    text = open(path, encoding="utf-8").read()
    text = re.sub(r"#ifdef __cplusplus\n.*?#endif\n", "", text, flags=re.DOTALL)
    text = text.replace("/* SPDX-License-Identifier: MIT */\n", "", 1)
    out, section, whole = [], None, None
    for code, comment in documented(pieces(text)):
        if code == "section":
            section = comment
            section.inside = whole is not None
            if whole is None:
                whole = comment
        else:
            out.append(declaration(names, header, code, comment, section))
    subject = subject_of(header, "")
    brief = brief_of(whole.lines)
    yield (f"/** @file\n@brief {names.inline(brief)}\n\n"
           f'It is described at @ref {subject} "{SUBJECTS[subject][0]}".\n*/\n')
    if header == "vcpu.h":
        yield f"/** @page words Words\n{whole_of(names, whole)}\n*/\n"
    else:
        yield f"/** @addtogroup {subject}\n<h3>%vcpu/{header}</h3>\n\n{whole_of(names, whole)}\n*/\n"
    yield from out


# ---- the front page


def front(root):
    include = os.path.join(root, "include", "vcpu")
    names = Names(include)
    yield "/** @mainpage libvcpu\n"
    yield ("The interface of libvcpu: virtual CPUs for a kernel that runs at EL2 on AArch64. This reference is made "
           "from the headers <code>include/vcpu/</code>. README.md says what the library is and has a first host; "
           "<code>docs/</code> has a guide for each subject, <code>docs/porting.md</code> first. Terms that all "
           "pages use have one meaning each: @ref words \"Words\".\n\n")
    found = {subject: [] for subject in SUBJECTS}
    for header in (each for _, _, headers in SUBJECTS.values() for each in headers):
        text = open(os.path.join(include, header), encoding="utf-8").read()
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        for name in re.findall(r"^(?!#)[\w *]*?\b(vcpu_\w+)\(", text, re.MULTILINE):
            found[subject_of(header, name)].append(name)
    yield '<table class="subjects">\n'
    for subject, (title, sentence, headers) in SUBJECTS.items():
        links = " ".join(f'<span>@ref {names.reference(name)} "{name}"</span>' for name in dict.fromkeys(found[subject]))
        shown = ", ".join(f"<code>%vcpu/{header}</code>" for header in headers)
        yield (f'<tr><td>@ref {subject} "{title}"<br><small>{shown}</small></td>'
               f"<td>{sentence}<br>{links}</td></tr>\n")
    yield "</table>\n*/\n"
    for subject, (title, sentence, _) in SUBJECTS.items():
        yield f"/** @defgroup {subject} {title}\n@brief {sentence}\n*/\n"


if __name__ == "__main__":
    WAY, PATH = sys.argv[1:]
    sys.stdout.writelines({"filter": filtered, "front": front}[WAY](PATH))

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The API reference's input for Doxygen (docs.cmake), made from the public headers.

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

from declarations import declaration, documented, pieces
from subjects import SUBJECTS, subject_of
from text import Names, brief_of, whole_of


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
    if subject is None:
        sys.exit(f"vcpu/{header} has no subject: see subjects.py")
    brief = brief_of(whole.lines)
    yield (f"/** @file\n@brief {names.inline(brief)}\n\n"
           f'It is described at @ref {subject} "{SUBJECTS[subject][0]}".\n*/\n')
    if header == "vcpu.h":
        yield f"/** @page words Words\n{whole_of(names, whole)}\n*/\n"
    else:
        yield f"/** @addtogroup {subject}\n<h3>%vcpu/{header}</h3>\n\n{whole_of(names, whole)}\n*/\n"
    yield from out


def front(root):
    include = os.path.join(root, "include", "vcpu")
    names = Names(include)
    yield "/** @mainpage libvcpu\n"
    yield ("The interface of libvcpu: virtual CPUs for a kernel that runs at EL2 on AArch64. This reference is "
           "made from the headers <code>include/vcpu/</code>. README.md says what the library is and has a first "
           "host; <code>docs/</code> has guides, <code>docs/porting.md</code> first. Terms that all pages use have "
           "one meaning each: @ref words \"Words\".\n\n")
    found = {subject: [] for subject in SUBJECTS}
    for header in (each for _, _, headers in SUBJECTS.values() for each in headers):
        text = open(os.path.join(include, header), encoding="utf-8").read()
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        for name in re.findall(r"^(?!#)[\w *]*?\b(vcpu_\w+)\(", text, re.MULTILINE):
            found[subject_of(header, name)].append(name)
    yield '<table class="subjects">\n'
    for subject, (title, sentence, headers) in SUBJECTS.items():
        links = " ".join(f'<span>@ref {names.reference(name)} "{name}"</span>'
                         for name in dict.fromkeys(found[subject]))
        shown = ", ".join(f"<code>%vcpu/{header}</code>" for header in headers)
        yield (f'<tr><td>@ref {subject} "{title}"<br><small>{shown}</small></td>'
               f"<td>{sentence}<br>{links}</td></tr>\n")
    yield "</table>\n*/\n"
    for subject, (title, sentence, _) in SUBJECTS.items():
        yield f"/** @defgroup {subject} {title}\n@brief {sentence}\n*/\n"


if __name__ == "__main__":
    WAY, PATH = sys.argv[1:]
    sys.stdout.writelines({"filter": filtered, "front": front}[WAY](PATH))

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The API reference: reference.py ROOT BUILD

The target `docs` makes it without a warning. Each public function has a page of its own, with a brief
and its errors; each enumerator, each member of a struct and each constant has a comment in its header;
no comment names what is not there; the front page leads to each function; and no link is broken, in the reference or in the pages of the
tree (README.md, ARCHITECTURE.md, docs/).
"""

import html.parser
import os
import re
import sys
import urllib.parse

from check import COMMENT, conclude, public_functions, public_headers, read, run, tracked_files

VCPU = re.compile(r"\b(?:vcpu|VCPU)_\w+")
TAG = re.compile(r"<[^>]*>")
ERRORS = re.compile(r'<table class="errors">.*?</table>', re.DOTALL)


class Page(html.parser.HTMLParser):
    """The places that a page has, and where its links lead."""

    def __init__(self, text):
        super().__init__()
        self.places, self.links = set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.places |= {attributes[key] for key in ("id", "name") if attributes.get(key)}
        self.links |= {attributes[key] for key in ("href", "src") if attributes.get(key)}


def markdown(text):
    """The same of a page in Markdown, by GitHub's rules for headings."""
    page = Page("")
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for title in re.findall(r"^#+ +(.*)$", text, re.MULTILINE):
        page.places.add(re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-"))
    page.links.update(re.findall(r"\]\(([^)\s]+)\)", text))
    # A page that is named without a link is still a promise that it exists.
    page.links.update(re.findall(r"`((?:docs/)?[\w.-]+\.md)`", text))
    return page


def broken_links(pages, exists):
    """Pages by their path. exists(path) tells of files that are no pages."""
    for name, page in sorted(pages.items()):
        for link in sorted(page.links):
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            path = urllib.parse.unquote(parts.path)
            target = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
            # `docs/porting.md` is named from the root everywhere.
            target = target if exists(target) else os.path.normpath(path or name)
            if not exists(target):
                yield f"{name}: there is no {link}"
            elif parts.fragment and target in pages and \
                    urllib.parse.unquote(parts.fragment) not in pages[target].places:
                yield f"{name}: {target} has no place #{parts.fragment}"


def problems_of_functions(folder, pages, functions):
    front = pages["index.html"].links
    texts = {name: read(folder, name) for name in pages}
    titles = {}
    for page, text in texts.items():
        if re.match(r"group__\w+_ga\w+\.html$", page) and 'class="paramtype"' in text:
            title = TAG.sub("", re.search(r'<td class="memname">(.*?)</td>', text).group(1))
            titles.setdefault(re.split(r"[ *]", title.strip())[-1], []).append(page)
    for name, integer in sorted(functions.items()):
        own = titles.get(name, [])
        if len(own) != 1:
            yield f"{name} has {len(own)} pages of its own"
            continue
        errors = ERRORS.findall(texts[own[0]])
        if len(errors) != 1:
            yield f"{name}: its page has {len(errors)} lists of errors"
        elif integer and "VCPU_" not in errors[0]:
            yield f"{name} returns an int, and its page names no error"
        if not any(link.split("#")[0] == own[0] for link in front):
            yield f"the front page does not lead to {name}"
        group = own[0].split("_ga")[0] + ".html"
        row = re.search(rf'<a class="el" href="{own[0]}#[^"]*">{name}</a>.*?'
                        r'<td class="mdescRight">([^<]*(?:<a[^>]*>[^<]*</a>[^<]*)*)', texts[group],
                        re.DOTALL)
        if not row or len(TAG.sub("", row.group(1)).split()) < 2:
            yield f"{name} has no brief in {group}"


def problems_of_members(root, header):
    """What the filter gives to Doxygen without a comment: Doxygen does not tell of enumerators."""
    said, inside = "", False
    for line in run(sys.executable, f"{root}/cmake/reference/reference.py", "filter",
                    f"{root}/include/vcpu/{header}").splitlines():
        inside = inside or line.startswith("/**")
        if not inside and re.match(r"(enum|struct)\b.*\{$|VCPU_\w+( = .*)?,$|#define|.*;$", line) and \
                not re.match(r"struct \w+;$|\}", line) and said != "*/":
            yield f"vcpu/{header}: no comment says what this is: {line}"
        inside = inside and line != "*/"
        said = line


def unknown_names(root, headers):
    """Names in comments that no header declares. Those with a _ at the end are the first part of many;
    VCPU_PREFIX is an option of the build."""
    texts = {header: read(os.path.join(root, "include", "vcpu"), header) for header in headers}
    known = {name for text in headers.values() for name in VCPU.findall(text)} | {"VCPU_PREFIX"}
    for header, text in texts.items():
        for name in sorted({name for comment in COMMENT.findall(text) for name in VCPU.findall(comment)}):
            if name not in known and not name.endswith("_"):
                yield f"vcpu/{header}: a comment names {name}, which no header has"


def problems_of(root, build):
    run("cmake", "--build", build, "--target", "docs")
    folder = os.path.join(build, "docs", "html")
    pages = {name: Page(read(folder, name)) for name in os.listdir(folder) if name.endswith(".html")}
    yield from broken_links(pages, lambda path: os.path.exists(os.path.join(folder, path)))

    functions, headers = {}, public_headers(os.path.join(root, "include"))
    for header, text in headers.items():
        for name in public_functions(text):
            functions[name] = bool(re.search(rf"\bint {name}\(", text))
        yield from problems_of_members(root, header)
    yield from unknown_names(root, headers)
    if len(functions) < 100 or len(pages) < len(functions):
        yield "the headers or the pages were not understood"
    yield from problems_of_functions(folder, pages, functions)

    written = {name: markdown(read(root, name)) for name in tracked_files(root)
               if name in ("README.md", "ARCHITECTURE.md") or re.match(r"docs/.*\.md$", name)}
    yield from broken_links(written, lambda path: os.path.exists(os.path.join(root, path)))


if __name__ == "__main__":
    conclude(list(problems_of(*sys.argv[1:])), "the reference is whole, and no link is broken")

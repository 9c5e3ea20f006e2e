"""Prompt templates: Jinja files in a family's `prompts/<stage>/`, and the hash that says which ones were used."""

import os
import re
from functools import cache
from pathlib import Path

import jinja2
import jinja2.meta

from builders import paths
from builders.errors import BuildError
from builders.records import digest, file_digest


@cache
def _template(_checkout: str, family: str, stage: str, name: str) -> jinja2.Template:
    """Return a template, read once in the life of a process; an unknown variable in it is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(paths.prompts(family, stage)),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  (prompts are plain text, not HTML)
    )
    environment.filters["without_markup"] = without_markup
    template = environment.get_template(name)
    template.globals = dict(template.globals)  # a chain of mappings takes as long to go through as a prompt to render
    return template


def render(family: str, stage: str, template: str, **variables: object) -> str:
    """Fill in a template.

    Raises:
        BuildError: the template is missing, broken, or uses a variable that it is not given.
    """
    try:
        return _template(os.getcwd(), family, stage, template).render(variables)  # noqa: PTH109  (a path would cost more)
    except UnicodeDecodeError:
        raise BuildError("not UTF-8", where=paths.prompts(family, stage) / template, fix="save the template as UTF-8") from None
    except jinja2.TemplateError as error:
        what = f"{type(error).__name__}: {error.message}"
        raise BuildError(what, where=paths.prompts(family, stage) / template, fix="fix the template") from None


def fingerprint(family: str, stage: str) -> str:
    """Return the sha256 over the names and bytes of all templates of a stage."""
    folder = paths.prompts(family, stage)
    return digest([[path.name, file_digest(path)] for path in sorted(folder.glob("*.jinja"))])


def template_sha256(family: str, stage: str, template: str) -> str:
    """Return the sha256 of one template; of its bytes and those of the templates that it includes, where it includes any."""
    return _template_sha256(os.getcwd(), family, stage, template)  # noqa: PTH109  (as above)


@cache
def _template_sha256(_checkout: str, family: str, stage: str, template: str) -> str:
    folder = paths.prompts(family, stage)
    included = sorted(_included(folder, template) - {template})
    if not included:
        return file_digest(folder / template)
    return digest([[name, file_digest(folder / name)] for name in (template, *included)])


def _included(folder: Path, template: str) -> set[str]:
    """Return the names of a template and of all that it includes."""
    environment = jinja2.Environment(autoescape=False)  # noqa: S701
    found: set[str] = set()
    waiting = [template]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            parsed = environment.parse((folder / name).read_text(encoding="utf-8"))
            waiting += [other for other in jinja2.meta.find_referenced_templates(parsed) if other]
    return found


def without_markup(text: str) -> str:
    """Break up markup in quoted text, so that it cannot end the turn or the frame it is quoted in.

    That is chat markup such as `<|eot_id|>`, and frame lines such as `<END CONVERSATION>`.
    """
    return re.sub(r"<(?=\||BEGIN |END )", "< ", text)

"""Options from dataclasses and signatures, on the command line and in YAML files.

Built on tyro, which keeps the dashes in option names, reads help texts from docstrings and checks
types. Added here: options that depend on other options (those of the network, the data set and the
recipe that are chosen), configuration files, and errors of one line.
"""

import contextlib
import dataclasses
import inspect
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib import import_module
from keyword import iskeyword
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pyg_skeleton.cli.errors import UsageError, did_you_mean

#: Types that are written as one word on the command line.
_PLAIN = (bool, int, float, str, Path)


@dataclasses.dataclass(frozen=True)
class Option:
    """An option of the command.

    Args:
        name (str): The name of the field, see :func:`flag` for that on the command line.
        type (Any): A plain type, a :obj:`Literal`, a tuple of these, or one of these or
            :obj:`None`.
        default (Any): The default.
        help (str): One sentence.
        hint (str, optional): Replaces "(default: ...)" in the help. (default: :obj:`None`)
        positional (bool, optional): Whether it has no name on the command line, and no default.
            (default: :obj:`False`)
    """

    name: str
    type: Any
    default: Any
    help: str
    hint: str | None = None
    positional: bool = False


def flag(name: str) -> str:
    """The name of an option on the command line: dashes replace underscores, and a last one, as in
    :obj:`from_`, is left out.
    """
    return ".".join(part.rstrip("_").replace("_", "-") for part in name.split("."))


def options_of(
    target: Callable[..., Any],
    defaults: Mapping[str, Any] | None = None,
    positional: bool = False,
    skip: Iterable[str] = (),
) -> list[Option]:
    """The arguments of a function or class that have a plain type, as options.

    Args:
        target (callable): A dataclass, a class or a function with a docstring.
        defaults (dict, optional): Defaults in place of those of the signature, of a preset or a
            recipe for example. (default: :obj:`None`)
        positional (bool, optional): Whether arguments without a default are positional, or left
            out. (default: :obj:`False`)
        skip (iterable of str, optional): Arguments to leave out. (default: :obj:`()`)
    """
    # A class may hand further arguments on to its bases.
    sources: list[Any] = [target]
    if inspect.isclass(target):
        own = [vars(base).get("__init__") for base in target.__mro__]
        sources = [function for function in own if inspect.isfunction(function)]
    types = {name: kind for f in reversed(sources) for name, kind in get_type_hints(f).items()}
    texts = help_texts(target)
    options = []
    for name, parameter in inspect.signature(target).parameters.items():
        default = (defaults or {}).get(name, parameter.default)
        required = default is inspect.Parameter.empty
        kind = _plain(types.get(name, str))
        if kind is None or name in skip or (required and not positional):
            continue
        if types.get(name) is Any and not required:
            default = None
        if default is None and type(None) not in get_args(kind):
            kind = kind | None
        if kind is str and not required and not isinstance(default, str):
            default = str(default)  # a number where a word would be possible, too
        options.append(Option(name, kind, default, texts.get(name, ""), positional=required))
    return options


def create_options(
    title: str, *groups: Sequence[Option], **prefixed: Sequence[Option]
) -> type[Any]:
    """A dataclass with the options of all groups; those of a named group stand behind its name,
    as :obj:`--network.dropout`.
    """
    fields: dict[str, Any] = {}
    for option in (option for group in groups for option in group):
        fields.setdefault(option.name, _field(option))
    for name, group in prefixed.items():
        if group:
            kind = dataclasses.make_dataclass(name, [_field(option) for option in group])
            fields[name] = (name, kind, dataclasses.field(default_factory=kind))
    return dataclasses.make_dataclass(title, fields.values(), frozen=True)


def parse(
    target: type[Any],
    argv: Sequence[str],
    prog: str,
    description: str = "",
    partial: bool = False,
    config: Mapping[str, Any] | None = None,
) -> Any:
    """Reads a command line.

    Args:
        target (type): The dataclass of the options.
        argv (sequence of str): The words after the name of the command.
        prog (str): The name of the command.
        description (str, optional): The first lines of the help. (default: :obj:`""`)
        partial (bool, optional): Whether to leave alone what is unknown, and :obj:`--help`.
            (default: :obj:`False`)
        config (dict, optional): Values from a configuration file, see :func:`read_config`.
            The command line overrides them. (default: :obj:`None`)

    Raises:
        UsageError: If an option is unknown or has no valid value.
    """
    import tyro

    words = [*_words(config or {}), *argv]
    printed = io.StringIO()
    try:
        with contextlib.redirect_stderr(printed):
            options, unknown = tyro.cli(
                target,
                prog=prog,
                args=words,
                description=description,
                return_unknown_args=True,
                add_help=not partial,
            )
    except SystemExit as exit:
        if not exit.code:  # --help
            raise
        raise UsageError(f"{_message(printed.getvalue())}; see {prog} --help") from None
    if unknown and not partial:
        flags = [word.partition("=")[0] for word in unknown if word.startswith("--")]
        if not flags:
            raise UsageError(f"unexpected argument {unknown[0]!r}; see {prog} --help")
        known = [f"--{name}" for name in option_names(target)]
        raise UsageError(f"unknown option {flags[0]}; {did_you_mean(flags[0], known)}")
    return options


def option_names(target: type[Any]) -> list[str]:
    """The names of all options, as on the command line without the dashes in front."""
    names = []
    for field in dataclasses.fields(target):
        name = flag(field.name)
        if dataclasses.is_dataclass(field.type):
            names += [f"{name}.{inner}" for inner in option_names(field.type)]  # type: ignore[arg-type]
        elif not field.metadata["positional"]:
            names.append(name)
    return names


def read_function(
    function: Callable[..., Any], argv: Sequence[str], name: str | None = None
) -> Callable[[], Any]:
    """A function whose arguments are the options of a command, with the values of a command line.

    Args:
        function (callable): The function; its arguments without a default are positional.
        argv (sequence of str): The words after the name of the command.
        name (str, optional): The name of the command. (default: that of the function)
    """
    name = name or function.__name__
    target = create_options(name, options_of(function, positional=True))
    options = parse(target, argv, f"pyg-skeleton {name}", summary_of(function))
    for field in dataclasses.fields(target):
        if field.metadata["positional"] and getattr(options, field.name) == ():
            raise UsageError(f"expected {field.name.upper()}; see pyg-skeleton {name} --help")
    values = {field.name: getattr(options, field.name) for field in dataclasses.fields(target)}
    return partial(function, **values)


# Configuration files ##############################################################################


def read_config(path: Path) -> dict[str, Any]:
    """Reads a YAML file of options: their names on the command line, and their values.

    Raises:
        FileNotFoundError: If there is no such file.
        UsageError: If it holds something else.
    """
    import yaml

    if not path.is_file():
        raise FileNotFoundError(f"no configuration file {path}")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no YAML file: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise UsageError(f"{path}: expected names of options with values, got {content!r}")
    # As the names of fields are: those that are words of Python end in an underscore.
    return {f"{name}_" if iskeyword(str(name)) else str(name): v for name, v in content.items()}


def check_config(config: Mapping[str, Any], target: type[Any], path: Path) -> None:
    """Refuses unknown names.

    Raises:
        UsageError: With the name.
    """
    known = option_names(target)
    for name, value in config.items():
        inner = isinstance(value, dict)
        for full in [f"{name}.{key}" for key in value] if inner else [name]:
            if flag(full) not in known:
                raise UsageError(f"{path}: unknown option {full!r}; {did_you_mean(full, known)}")


def config_text(
    options: Any, defaults: Any, chosen: Iterable[str] = (), skip: Iterable[str] = ()
) -> str:
    """The values of all options as a configuration file, in which defaults are comments.

    Args:
        options (Any): The options, a dataclass of :func:`create_options`.
        defaults (Any): The same with all defaults.
        chosen (iterable of str, optional): Options that are no comments even with their default.
            (default: :obj:`()`)
        skip (iterable of str, optional): Options to leave out. (default: :obj:`()`)
    """
    import yaml

    lines: list[str] = []
    for field in dataclasses.fields(options):
        if field.metadata.get("positional") or field.name in skip:
            continue
        name, value = flag(field.name), getattr(options, field.name)
        default = getattr(defaults, field.name)
        if dataclasses.is_dataclass(value):
            inner = config_text(value, default).splitlines()
            head = "" if any(not line.startswith("#") for line in inner) else "# "
            lines += [f"{head}{name}:", *(_indent(line) for line in inner)]
        else:
            head = "# " if value == default and field.name not in chosen else ""
            text = yaml.safe_dump(in_yaml(value), default_flow_style=True, width=1000)
            lines.append(f"{head}{name}: {text.removesuffix('...' + chr(10)).rstrip()}")
    return "\n".join(lines)


def in_yaml(value: Any) -> Any:
    """Converts a value to YAML types: lists for tuples, text for paths."""
    if isinstance(value, tuple):
        return [in_yaml(v) for v in value]
    return str(value) if isinstance(value, Path) else value


def _indent(line: str) -> str:
    return f"#   {line[2:]}" if line.startswith("# ") else f"  {line}"


def _words(config: Mapping[str, Any], prefix: str = "") -> list[str]:
    """The command line that says the same as a configuration."""
    words: list[str] = []
    for name, value in config.items():
        option = f"--{flag(prefix + name)}"
        if isinstance(value, dict):
            words += _words(value, f"{prefix}{name}.")
        elif isinstance(value, bool):
            head, dot, last = option[2:].rpartition(".")
            words.append(option if value else f"--{head}{dot}no-{last}")
        elif isinstance(value, list):
            words += [option, *map(str, value)]
        else:
            words += [option, str(value)]
    return words


# Types and texts ##################################################################################


def summary_of(target: Any) -> str:
    """The part of a docstring in front of its arguments, without markup."""
    text = inspect.cleandoc(target.__doc__ or "").partition("\nArgs:")[0].strip()
    return "\n\n".join(map(_without_markup, text.split("\n\n")))


def help_texts(target: Any) -> dict[str, str]:
    """The description of each argument in a docstring, without markup. Where it refers to another
    class ("See :class:`...`"), it is the description there.
    """
    texts: dict[str, str] = {}
    for source in reversed(target.__mro__) if inspect.isclass(target) else [target]:
        doc = inspect.cleandoc(source.__doc__ or "")
        section = re.split(r"\n(?=\S)", doc.partition("\nArgs:\n")[2])[0]
        for item in re.split(r"\n {4}(?=\S)", f"\n{section}")[1:]:
            if found := re.match(r"([\w\s,*]+?)\s*\(.*?\):\s*(.*)", item, re.DOTALL):
                for name in re.findall(r"\w+", found[1]):
                    texts[name] = _described_there(name, found[2]) or _without_markup(found[2])
    return texts


def _described_there(name: str, text: str) -> str | None:
    reference = re.match(r"See :class:`~?([\w.]+)\.(\w+)`", text)
    if reference is None:
        return None
    return help_texts(getattr(import_module(reference[1]), reference[2])).get(name)


def _without_markup(text: str) -> str:
    text = re.sub(r"\s*\(default:.*?\)\s*$", "", text, flags=re.DOTALL)
    text = re.sub(r":\w+:`~?\"?([^`<\"]*)\"?(?:\s*<[^>]*>)?`", r"\1", text)
    text = re.sub(r"`+\"?([^`]*?)\"?(?:\s*<[^>]*>)?`+_*", r"\1", text)
    text = text.replace("pyg_skeleton.", "")
    return " ".join(text.split())


def _plain(kind: Any) -> Any:
    """The type if it can be written on a command line, without what else it allows; or None."""
    if kind in _PLAIN or get_origin(kind) is Literal:
        return kind
    args = get_args(kind)
    if get_origin(kind) is tuple:
        return kind if args and all(a is Ellipsis or _plain(a) for a in args) else None
    if get_origin(kind) in (Union, UnionType):
        inner = [plain for a in args if a is not type(None) and (plain := _plain(a))]
        if float in inner and int in inner:
            inner.remove(int)
        words = [kind for kind in inner if kind in (str, Path)]
        # A number or a word: text that its owner checks.
        best = words[0] if words else inner[0] if inner else None
        return best | None if best is not None and type(None) in args else best
    if "PathLike" in str(kind):
        return Path
    if get_origin(kind) is Sequence and (inner := _plain(args[0])):
        return tuple[inner, ...]  # type: ignore[valid-type]
    if kind is Any:
        return str | None
    return None


def _field(option: Option) -> Any:
    """The field of a dataclass."""
    import tyro

    kind, extra = option.type, []
    args = get_args(kind)
    optional = get_origin(kind) in (Union, UnionType) and type(None) in args
    inner = next(a for a in args if a is not type(None)) if optional else kind
    if optional and inner in (int, float, str, Path):
        extra.append(_or_none(inner))
    text: dict[str, Any] = {"help": option.help or option.name.replace("_", " ")}
    if option.name.endswith("_"):
        text["name"] = flag(option.name)
    if option.hint is not None:
        text["help_behavior_hint"] = option.hint
    metadata = {"positional": option.positional}
    if option.positional:
        many = get_origin(kind) is tuple
        text["metavar"] = option.name.upper().removesuffix("S") if many else option.name.upper()
        if many:
            text["metavar"] += " ..."
        text["help_behavior_hint"] = "(required)"
        extra.append(tyro.conf.Positional)
        field = dataclasses.field(metadata=metadata)
    else:
        default = tuple(option.default) if isinstance(option.default, list) else option.default
        field = dataclasses.field(default=default, metadata=metadata)
    return (option.name, Annotated[(kind, tyro.conf.arg(**text), *extra)], field)


def _or_none(kind: Any) -> Any:
    """A value, or None where the option has no value."""
    import tyro

    return tyro.constructors.PrimitiveConstructorSpec(
        nargs=1,
        metavar={int: "INT", float: "FLOAT", str: "STR", Path: "PATH"}[kind],
        instance_from_str=lambda words: None if words[0] == "None" else kind(words[0]),
        is_instance=lambda value: value is None or isinstance(value, kind),
        str_from_instance=lambda value: [str(value)],
    )


def _message(text: str) -> str:
    """The first part of the box that tyro draws around an error, in one line."""
    lines = [line.strip("│|╭╮╰╯+ ") for line in text.splitlines()]
    rules = [i for i, line in enumerate(lines) if re.search("[─-]{5,}$", line)]  # title, rule, end
    body = lines[rules[0] + 1 : rules[1]] if len(rules) > 1 else lines
    message = " ".join(" ".join(body).split())
    return message[:1].lower() + message[1:].rstrip(".")

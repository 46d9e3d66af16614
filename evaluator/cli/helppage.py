"""What `--help` prints, in the operator's language and as wide as its characters are.

Owns: the headings, the names of arguments and values, and the layout; Chinese characters take two places. Knows nothing
of single commands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

import click

from evaluator.cli.texts import say

_INDENT = 2
_GAP = 2
_WIDEST = 30
"""Places that the names take at most; the description of a longer one starts on the next line."""
_PIECE = re.compile(r"\s+|[（“《]*(?:[!-~]+|\S)[），。：；、！？”》…]*")
"""What is not torn apart: a word, or a Chinese character, with its punctuation."""
_FIRST_SENTENCE = re.compile(r".*?(?:。|\.(?=\s|$)|$)", re.DOTALL)


def help_page(command: click.Command, context: click.Context, width: int) -> str:
    """Give a command's help, `width` places wide."""
    blocks = [list(_usage(command, context, width))]
    blocks += [
        [" " * _INDENT + line for line in _wrapped(paragraph, width - _INDENT)]
        for paragraph in (command.help or "").split("\n\n")
    ]
    options = [_option_row(one) for one in command.get_params(context) if isinstance(one, click.Option)]
    blocks.append([say("help_page.options"), *_columns(options, width)])
    if isinstance(command, click.Group):
        blocks.append([say("help_page.commands"), *_columns(_command_rows(command, context), width)])
    return "\n\n".join("\n".join(block) for block in blocks)


def name_of(param: click.Parameter) -> str:
    """Say what an option or argument is called: `--out`, 结果文件夹."""
    return max(param.opts, key=len) if isinstance(param, click.Option) else say(f"argument.{param.name}")


def range_of(kind: object, unit: str) -> str:
    """Say which whole numbers a type takes, as a part of `help_page` or `usage`; nothing where it takes them all."""
    least, most = getattr(kind, "min", None), getattr(kind, "max", None)
    if least is None and most is None:
        return ""
    key = "least" if most is None else "most" if least is None else "between"
    return say(f"{unit}.{key}", least=least, most=most)


def width_of(words: str) -> int:
    """Count the places that a text takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in words)


def _usage(command: click.Command, context: click.Context, width: int) -> Iterator[str]:
    pieces = [say("help_page.any_options")]
    pieces += [_argument(one) for one in command.get_params(context) if isinstance(one, click.Argument)]
    if isinstance(command, click.Group):
        pieces.append(say("help_page.any_command"))
    head = f"{say('help_page.usage')}{context.command_path} "
    lines = _wrapped(" ".join(pieces), width - width_of(head))
    yield from (f"{' ' * width_of(head) if number else head}{line}" for number, line in enumerate(lines))


def _argument(argument: click.Argument) -> str:
    name = name_of(argument) + ("..." if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"


def _option_row(option: click.Option) -> tuple[str, str]:
    spelled = ", ".join(sorted(option.opts, key=len))
    extras = []
    if not option.is_flag:
        spelled = f"{spelled} {_value(option)}"
        if option.show_default:
            extras.append(say("help_page.default", value=option.default))
        extras.append(range_of(option.type, "help_page"))
        if option.required:
            extras.append(say("help_page.required"))
    said = say("help_page.between_extras").join(extra for extra in extras if extra)
    return spelled, f"{option.help or ''}{f'  [{said}]' if said else ''}"


def _value(option: click.Option) -> str:
    """Say what kind of value an option takes: `文件夹`, `[zh|en]`."""
    if isinstance(option.type, click.Choice) and option.metavar is None:
        return f"[{'|'.join(option.type.choices)}]"
    kind = (option.metavar or option.type.name).lower()
    return say(f"value.{re.sub('[^a-z]+', '_', kind)}")


def _command_rows(group: click.Group, context: click.Context) -> list[tuple[str, str]]:
    """Give each command with the first sentence of its help."""
    found = ((name, group.get_command(context, name)) for name in group.list_commands(context))
    return [(name, _first_sentence(one.help or "")) for name, one in found if one and not one.hidden]


def _first_sentence(words: str) -> str:
    found = _FIRST_SENTENCE.match(words.partition("\n\n")[0])
    return found[0].rstrip("。.") if found else ""


def _columns(rows: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    """Put names on the left and what they are on the right."""
    left = _INDENT + _GAP + min(max(width_of(name) for name, _ in rows), _WIDEST)
    for name, words in rows:
        head = " " * _INDENT + name
        lines = _wrapped(words, width - left)
        if width_of(head) + _GAP > left:
            yield head
        else:
            head += " " * (left - width_of(head))
            yield (head + next(iter(lines), "")).rstrip()
            lines = lines[1:]
        yield from (" " * left + line for line in lines)


def _wrapped(words: str, width: int) -> list[str]:
    """Break a text into lines of at most `width` places; a single longer word stays whole."""
    lines = [""]
    for piece in _PIECE.findall(words):
        if lines[-1].strip() and width_of(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]

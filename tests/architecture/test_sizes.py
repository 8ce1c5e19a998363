"""Code comes in pieces that a reader takes in at one look; there is no list of exceptions."""

from tests.architecture.sources import Function, everything, is_migration

FUNCTION_LINES = 40
FILE_LINES = 400


def test_no_function_is_longer_than_forty_lines() -> None:
    too_long = [
        f"{source.name}:{function.lineno} {function.name}: {_length(function)} lines"
        for source in everything()
        if not is_migration(source)
        for function in source.functions()
        if _length(function) > FUNCTION_LINES
    ]
    assert not too_long


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    too_long = [
        f"{source.name}: {source.text.count(chr(10))} lines"
        for source in everything()
        if not is_migration(source) and source.text.count("\n") > FILE_LINES
    ]
    assert not too_long


def _length(function: Function) -> int:
    """Lines from `def` to the end, decorators not counted."""
    return (function.end_lineno or function.lineno) - function.lineno + 1

"""The command line: parse, call one function of flow, render."""

from kehu.cli.main import main

__all__ = ["main"]

"""The command line: `python -m colorfilter red photo.png`, and `python -m colorfilter serve`."""

from __future__ import annotations

import argparse
import math
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tqdm import tqdm

from colorfilter.batch import STANDARD, FileError, Task, plan
from colorfilter.filters import PRESETS, ColorFilter, filter_named
from colorfilter.host.process import available_cores, prepare_process

OK, FAILED, INTERRUPTED = 0, 1, 130
DESCRIPTION = "Put a color filter on pictures (PNG, JPEG, WebP, BMP, TIFF or GIF) and write them as PNG."
EPILOG = "python -m colorfilter serve [--port N] [--address HOST] starts the web page and POST /filter instead."


def main(argv: list[str] | None = None) -> int:
    """Run the command line on `argv`, by default the process's own, and return the exit code.

    It is 1 if a picture could not be filtered; wrong use ends in SystemExit with code 2.
    """
    argv = sys.argv[1:] if argv is None else argv
    try:
        # Only the first word is a command: anywhere else "serve" is a file like any other.
        return _serve(argv[1:]) if argv[:1] == ["serve"] else _filter(argv)
    except KeyboardInterrupt:
        return INTERRUPTED


def _serve(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="colorfilter serve", description="Start the web page and POST /filter.")
    parser.add_argument("--port", type=int, help="the port to listen on (default: 8501 or the next one free)")
    parser.add_argument("--address", help="the address to listen on (default: every one that this machine has)")
    args = parser.parse_args(argv)
    from colorfilter.server.app import serve  # Streamlit takes a second to load; a picture need not wait for it

    try:
        serve(args.port, args.address)
    except (FileNotFoundError, ValueError) as error:
        parser.error(str(error))
    return OK


def _filter(argv: list[str]) -> int:
    prepare_process()
    parser = _parser()
    args = parser.parse_intermixed_args(argv)
    if args.list:
        for preset in PRESETS.values():
            print(f"{preset.name:9}{preset.hex}  {preset.describe()}")
        return OK
    if args.color is None or not args.inputs:
        parser.error("name a filter and at least one picture: colorfilter red photo.png")
    if args.inputs.count(STANDARD) > 1:
        parser.error("there is only one stdin: give - once")
    try:
        color_filter = filter_named(args.color).at_strength(args.strength)
        tasks = plan(args.inputs, args.output, color_filter)
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")
    except ValueError as error:
        parser.error(str(error))
    if any(task.target == STANDARD for task in tasks) and sys.stdout.isatty():
        parser.error("a terminal cannot show a picture: name a file with -o")
    return _run(tasks, color_filter, args.force)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="colorfilter", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("color", nargs="?", help='the filter: a name from --list or a color in quotes, "#ff8800"')
    parser.add_argument("inputs", nargs="*", type=Path, help="pictures, folders of pictures, or - for stdin")
    parser.add_argument("-o", "--output", type=Path, help="a .png file, a folder, or - for stdout (default: beside)")
    parser.add_argument("--strength", type=float, default=1.0, help="from 0, no filter, to 1, the default")
    parser.add_argument("--force", action="store_true", help="overwrite files that exist")
    parser.add_argument("--list", action="store_true", help="show the filters and end")
    return parser


def _run(tasks: list[Task], color_filter: ColorFilter, overwrite: bool) -> int:
    """Filter the pictures on all cores, report those that fail and go on. Returns the exit code."""
    taken = {task.target: task.source for task in reversed(tasks)}
    rivals = [task for task in tasks if taken[task.target] != task.source]
    for task in rivals:
        _report(f"{task.source}: It would become {task.target}, and so does {taken[task.target]}.")
    if not tasks:
        _report("There are no pictures in the folder.")
    failed = bool(rivals) or not tasks
    # Threads are enough: decoding, filtering and encoding all run outside the interpreter's lock.
    pool = ThreadPoolExecutor(math.ceil(available_cores()))
    try:
        futures = [pool.submit(task.run, color_filter, overwrite) for task in tasks if task not in rivals]
        hidden = None if len(futures) > 1 else True  # None: hidden where stderr is no terminal
        for future in tqdm(as_completed(futures), total=len(futures), unit="picture", disable=hidden):
            try:
                future.result()
            except FileError as error:
                failed = True
                _report(str(error))
    finally:
        pool.shutdown(cancel_futures=True)
    return FAILED if failed else OK


def _report(sentence: str) -> None:
    tqdm.write(f"colorfilter: {sentence}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

"""The command line: `python -m colorfilter red photo.png clip.mp4`, and `python -m colorfilter serve`."""

from __future__ import annotations

import argparse
import math
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tqdm import tqdm

from colorfilter.batch import STANDARD, STILL, FileError, Task, plan
from colorfilter.catalog import FILTERS, filter_named
from colorfilter.clips.options import PRESETS as SPEEDS
from colorfilter.clips.options import ClipOptions, Progress
from colorfilter.filters import PRESETS
from colorfilter.host.process import available_cores, prepare_process
from colorfilter.views.options import VIEWS, View, ViewOptions, sheet_of

OK, FAILED, INTERRUPTED = 0, 1, 130
DESCRIPTION = """Put a color or vision filter on pictures (PNG, JPEG, WebP, BMP, TIFF or GIF) and write them as PNG, or
on clips (MP4, MOV, MKV, WebM, GIF, animated WebP and others) and write them as what they were where that can be, else
as MP4."""
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
        for name, one in FILTERS.items():
            color = PRESETS[name].hex if name in PRESETS else ""
            print(f"{name:{max(map(len, FILTERS))}}  {color:7}  {one.describe()}")
        return OK
    if args.color is None or not args.inputs:
        parser.error("name a filter and at least one picture or clip: colorfilter red photo.png")
    if args.inputs.count(STANDARD) > 1:
        parser.error("there is only one stdin: give - once")
    try:
        color_filter = filter_named(args.color).at_strength(args.strength)
        view = ViewOptions(
            color_filter, mirror=False, view=View(args.view), sheet=sheet_of(color_filter, args.strength)
        )
        options = ClipOptions(view, args.start, args.end, args.crf, args.preset, args.salvage)
        tasks = plan(args.inputs, args.output, options)
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")
    except ValueError as error:
        parser.error(str(error))
    if any(task.target == STANDARD for task in tasks) and sys.stdout.isatty():
        parser.error("a terminal cannot show a picture or clip: name a file with -o")
    return _run(tasks, options, args.force)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="colorfilter", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("color", nargs="?", help='the filter: a name from --list or a color in quotes, "#ff8800"')
    parser.add_argument("inputs", nargs="*", type=Path, help="pictures, clips, folders of them, or - for stdin")
    parser.add_argument("-o", "--output", type=Path, help="a file, a folder, or - for stdout (default: beside)")
    parser.add_argument("--strength", type=float, default=1.0, help="from 0, no filter, to 1, the default")
    parser.add_argument("--view", choices=VIEWS, default=View.FILTER.value, help="what is shown")
    parser.add_argument("--force", action="store_true", help="overwrite files that exist")
    parser.add_argument("--list", action="store_true", help="show the filters and end")
    clips = parser.add_argument_group("clips")
    clips.add_argument(
        "--from", dest="start", type=seconds, default=0.0, metavar="TIME", help="where to begin: 90, 1:30"
    )
    clips.add_argument("--to", dest="end", type=seconds, metavar="TIME", help="where to end, from the clip's beginning")
    clips.add_argument("--crf", type=int, help="quality: less is better and larger (default: 20 for H.264, 31 for VP9)")
    clips.add_argument("--preset", choices=SPEEDS, default="medium", help="the encoder's speed (default: medium)")
    clips.add_argument("--salvage", action="store_true", help="keep what can be read of a damaged clip")
    return parser


def seconds(text: str) -> float:
    """A time of "90", "1:30" or "0:01:30.5" in seconds. Raises argparse.ArgumentTypeError for any other text."""
    total = 0.0
    for part in text.split(":"):
        try:
            number = float(part)
        except ValueError:
            number = -1.0
        if not 0 <= number < float("inf") or text.count(":") > 2:
            raise argparse.ArgumentTypeError(f"a time is written as 90, 1:30 or 0:01:30.5, not {text!r}")
        total = 60 * total + number
    return total


def _run(tasks: list[Task], options: ClipOptions, overwrite: bool) -> int:
    """Filter the pictures on all cores, then the clips, report those that fail and go on. Returns the exit code."""
    taken = {task.target: task.source for task in reversed(tasks)}
    rivals = [task for task in tasks if taken[task.target] != task.source]
    for task in rivals:
        _report(f"{task.source}: It would become {task.target}, and so does {taken[task.target]}.")
    if not tasks:
        _report("There are no pictures or clips in the folder.")
    left = [task for task in tasks if task not in rivals]
    failed = bool(rivals) or not tasks
    failed |= _run_pictures([task for task in left if task.kind == STILL], options, overwrite)
    for task in left:
        if task.kind != STILL:
            failed |= _run_clip(task, options, overwrite)
    return FAILED if failed else OK


def _run_pictures(tasks: list[Task], options: ClipOptions, overwrite: bool) -> bool:
    """Whether one of them failed."""
    failed = False
    # Threads are enough: decoding, filtering and encoding all run outside the interpreter's lock.
    pool = ThreadPoolExecutor(math.ceil(available_cores()))
    try:
        futures = [pool.submit(task.run, options, overwrite) for task in tasks]
        hidden = None if len(futures) > 1 else True  # None: hidden where stderr is no terminal
        for future in tqdm(as_completed(futures), total=len(futures), unit="picture", disable=hidden):
            try:
                future.result()
            except FileError as error:
                failed = True
                _report(str(error))
    finally:
        pool.shutdown(cancel_futures=True)
    return failed


def _run_clip(task: Task, options: ClipOptions, overwrite: bool) -> bool:
    """Whether it failed. A clip takes all cores itself."""
    with tqdm(desc=task.source.name, unit="frame", disable=None) as bar:

        def tell(progress: Progress) -> None:
            bar.total = max(progress.all_frames, progress.frames) if progress.all_frames else None
            bar.update(progress.frames - bar.n)

        try:
            notes = task.run(options, overwrite, tell)
        except FileError as error:
            _report(str(error))
            return True
    for note in notes:
        _report(f"{task.source}: {note}")
    return False


def _report(sentence: str) -> None:
    tqdm.write(f"colorfilter: {sentence}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Two commands on a fresh machine: `python3 run.py` opens the demo, `python3 run.py test` runs every test.

`python3 run.py bench` measures, `python3 run.py --setup` only sets up, anything else goes to `qa-player`.
Standard library only, and nothing newer than Python 3.6: an old Python must be able to say what is wrong.
"""

import os
import sys
from typing import List

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "packaging"))

from bootstrap import environment, steps, system

BENCHMARKS = ["tests/benchmarks", "--benchmark-only", "--benchmark-quiet", "-q"]
SIDE_BY_SIDE = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", "--benchmark-disable"]
"""Two test processes, each with a display, sound card and keychain of its own; `-n 0` is one, to stop in a debugger."""


def main(arguments: List[str]) -> int:
    command = arguments[0] if arguments else "demo"
    with steps.alone():
        prepare(for_tests=command == "test")
    if command == "--setup":
        return 0
    if command in ("test", "bench"):
        os.chdir(str(environment.ROOT))
        chosen = BENCHMARKS if command == "bench" else SIDE_BY_SIDE
        return steps.become([environment.program("python"), "-m", "pytest", *chosen, *arguments[1:]])
    if command in ("demo", "open") and "--headless" not in arguments and not system.has_display():
        system.stop_for_display()
    return steps.become([environment.program("qa-player"), *(arguments or ["demo"])])


def prepare(for_tests: bool) -> None:
    """Bring this machine to where the program can run, or end with one sentence on what is missing."""
    ready = environment.is_set_up()
    base = None if ready else environment.find_python()
    needed = system.missing(system.LIBRARIES)
    wanted = system.missing(system.TEST_PARTS) if for_tests else []
    wanted += [] if ready else system.missing(system.CERTIFICATES)
    if not ready and not environment.can_be_made(base):
        needed.append(system.python_package(None if base is None else base.version))
    if needed + wanted and system.may_install():
        system.install(needed + wanted)
        base = None if ready else environment.find_python()
        needed = [need for need in needed if not (need.is_there() or environment.can_be_made(base))]
        wanted = [need for need in wanted if not need.is_there()]
    if needed:
        system.stop_for(needed + wanted)
    if wanted:
        system.do_without(wanted)
    if base is not None:
        environment.set_up(base)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

"""The tests of the page in a browser; needs chromium, chromium-driver and what was built.

    python3 Tests/page/run.py [NAME]...     as unittest takes them: test_run.RunTests.test_keys_scroll_it

TARO_PAGE_PICTURES=DIRECTORY keeps a picture of each test's end, TARO_PAGE_PROGRAMS=DIRECTORY tests other programs.
"""

import pathlib
import shutil
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import setting  # noqa: E402


def main():
    for program in ("chromium", "chromedriver"):
        if not shutil.which(program):
            sys.exit(f"{program} is not there; make packages installs it")
    names = sys.argv[1:]
    loader = unittest.TestLoader()
    tests = loader.loadTestsFromNames(names) if names else loader.discover(str(HERE), "test_*.py")
    try:
        result = unittest.TextTestRunner(verbosity=2, durations=8).run(tests) if sys.version_info >= (3, 12) else unittest.TextTestRunner(verbosity=2).run(tests)
    finally:
        setting.end()
    sys.exit(0 if result.wasSuccessful() else 1)


main()

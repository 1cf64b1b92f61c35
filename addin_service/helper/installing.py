"""Writing what `places` says: the native manifest, and a launcher where folders are named."""

import contextlib
import json
import os
import sys
from pathlib import Path

from addin_service.helper.places import REGISTRY_KEY, Place, launcher, manifest
from addin_service.settings import Settings

SCRIPT = "addin-service-helper"


def program(settings: Settings, *, named: bool) -> Path:
    """The program for the native manifest: the package's own, or a launcher that names folders."""
    suffix = ".exe" if sys.platform == "win32" else ""
    own = Path(sys.executable).with_name(SCRIPT + suffix)
    if own.exists() and not named:
        return own
    folders = ["--data", str(settings.data.resolve())]
    folders += ["--organisation", str(settings.organisation.resolve())]
    script = _launcher_file(settings)
    for folder in (settings.data, script.parent):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = launcher(sys.platform, sys.executable, folders if named else [])
    _write(script, text, 0o700)
    return script.resolve()


def install(where: Place, its_program: Path, *, system: bool) -> None:
    """Write the native manifest; on Windows also say in the registry where it is."""
    where.manifest.parent.mkdir(parents=True, exist_ok=True)
    _write(where.manifest, manifest(its_program), 0o644 if system else 0o600)
    if sys.platform == "win32":  # never run yet
        import winreg

        with winreg.CreateKey(_root(where), REGISTRY_KEY) as key:
            winreg.SetValueEx(key, "", 0, winreg.REG_SZ, str(where.manifest))


def remove(where: Place, settings: Settings) -> bool:
    """Take manifest and launcher away; False where there was no manifest."""
    _launcher_file(settings).unlink(missing_ok=True)
    if sys.platform == "win32":  # never run yet
        import winreg

        with contextlib.suppress(FileNotFoundError):
            winreg.DeleteKey(_root(where), REGISTRY_KEY)
    if not where.manifest.exists():
        return False
    where.manifest.unlink()
    return True


def installed(where: Place) -> str | None:
    """The program that the native manifest names, where that is there and may be started."""
    try:
        found = str(json.loads(where.manifest.read_text(encoding="utf-8"))["path"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if os.access(found, os.X_OK) else None


def _launcher_file(settings: Settings) -> Path:
    name = f"{SCRIPT}.bat" if sys.platform == "win32" else SCRIPT
    return settings.data / "helper" / name


def _root(where: Place) -> int:
    import winreg

    return int(
        getattr(winreg, "HKEY_LOCAL_MACHINE" if where.registry == "HKLM" else "HKEY_CURRENT_USER")
    )


def _write(path: Path, text: str, mode: int) -> None:
    """Whole or not at all, and with exactly these rights."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    os.chmod(new, mode)  # whatever the umask took away
    os.replace(new, path)

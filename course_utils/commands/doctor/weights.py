"""Judge a committed checkpoint: do its two files belong together, is it of today?"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from course_utils.commands.doctor.checks import Finding

__all__ = ["check_checkpoint", "check_weights"]


def check_weights(folder: Path, config_fields: Iterable[str]) -> list[Finding]:
    """Return one finding for each checkpoint in a folder, or one that says all is well.

    `config_fields` are the sizes that the package's model configuration knows.
    """
    names = {path.stem for path in folder.glob("[!.]*.json")}
    names |= {path.stem for path in folder.glob("[!.]*.safetensors")}
    fields = set(config_fields)
    found = [check_checkpoint(folder / name, fields) for name in sorted(names)]
    bad = [one for one in found if one.level != "fine"]
    if not found:
        return [Finding("weights", "fine", "No checkpoints to check.")]
    count = "1 checkpoint is" if len(found) == 1 else f"{len(found)} checkpoints are"
    return bad or [Finding("weights", "fine", f"{count} sound.")]


def check_checkpoint(path: Path, config_fields: set[str]) -> Finding:
    """Judge NAME.json and NAME.safetensors: complete, undamaged, of this version."""
    record_file, weights_file = (
        path.with_name(path.name + end) for end in (".json", ".safetensors")
    )
    try:
        record = json.loads(record_file.read_text(encoding="utf-8"))
        data = weights_file.read_bytes()
        expected, recipe = record["weights"]["sha256"], record.get("recipe")
        config = set(record["config"])
    except FileNotFoundError as error:
        lost = Path(error.filename).name
        return _bad(path, f"{lost} is missing, the file beside it is useless", None)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _bad(path, f"{record_file.name} is damaged", None)
    actual = hashlib.sha256(data).hexdigest()
    if actual != expected:
        seen = f"hash {actual[:12]}, {record_file.name} says {str(expected)[:12]}"
        return _bad(path, f"damaged or stale ({seen})", recipe)
    if config != config_fields:
        differs = ", ".join(sorted(config ^ config_fields))
        return _bad(path, f"made by another version of the course ({differs})", recipe)
    return Finding("weights", "fine", f"Checkpoint {path.name} is sound.")


def _bad(path: Path, problem: str, recipe: str | None) -> Finding:
    fix = f"git checkout -- {path.parent.parent.name}/{path.parent.name}"
    if recipe:
        fix += f"   (or train it again: course train {recipe})"
    return Finding("weights", "error", f"Checkpoint {path.name}: {problem}.", fix)

"""`course card`: weigh a translator's file, and make a picture of it to show."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from course_utils.commands.console import FELL_SHORT, fail, print_json

__all__ = ["card"]

SENTENCE = "the teacher doesn't read the old book."


def card(
    file: Annotated[
        Path | None,
        typer.Argument(help="A small file that you made (default: the course's)."),
    ] = None,
    sentence: Annotated[
        str, typer.Option(help="A sentence of yours, of words from the phrasebook.")
    ] = SENTENCE,
    language: Annotated[str, typer.Option(help="fr or zh.")] = "fr",
    out: Annotated[
        Path, typer.Option(help="The picture; a JSON file comes beside it.")
    ] = Path("card.png"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure one translator against the original, here and now, and draw its card."""
    made = _measured(file, sentence, language)
    try:
        made.save(out)
        text = json.dumps(made.as_json(), indent=1, ensure_ascii=False)
        out.with_suffix(".json").write_text(f"{text}\n", encoding="utf-8")
    except OSError as problem:
        fail(f"{out} could not be written: {problem}", FELL_SHORT)
    if as_json:
        print_json(made.as_json())
        return
    for large, small in made.numbers():
        typer.echo(f"{large:>10}  {small}")
    typer.echo(f"{made.sentence} → {made.translation}")
    typer.echo(f"Written to {out} and {out.with_suffix('.json').name}", err=True)


def _measured(file: Path | None, sentence: str, language: str) -> Any:
    """Weigh a file against the original; end the command where it cannot be done."""
    from course_utils.card import make_card
    from course_utils.checkpoints import CheckpointError
    from course_utils.contenders import contenders, small_file
    from course_utils.frontier import measure_board, unseen_pairs

    try:
        known = contenders(language)
        mine = small_file(file, file.stem, language) if file else known[-1]
        translation = mine.load()(sentence)
        typer.echo(f"Weighing {mine.name} against the original …", err=True)
        board = measure_board([known[0], mine], unseen_pairs(100, language))
        return make_card(board, mine.name, sentence, translation)
    except (OSError, CheckpointError, ValueError) as problem:
        fail(f"{problem}", FELL_SHORT)

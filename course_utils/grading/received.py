"""Believe of what comes out of a sandbox its form only, and no more than is needed."""

from dataclasses import fields

from course_utils.answers import Outcome, encode

__all__ = ["outcomes_of"]

MOST_TEXT = 16 << 20  # bytes of JSON for one exercise, which becomes 30 times larger
LONGEST = 500
STATUSES = {"value", "error", "slow", "missing", "blank"}
NOTHING = "nothing came back"


def outcomes_of(found: bytes, calls: dict) -> dict[str, dict[str, Outcome]]:
    """Take what came back apart, and check every form.

    Raises:
        ValueError: it is not of the form that the program inside sends.
    """
    outcomes, place = {}, 0
    for exercise, made in calls.items():
        start = place + 8
        end = start + int.from_bytes(found[place:start])
        if end > len(found):
            raise ValueError("it is cut off")
        if int.from_bytes(found[start : start + 8]) > MOST_TEXT:
            raise ValueError(f"it has more text than {MOST_TEXT >> 20} MB")
        given = encode.from_bytes(found[start:end])
        if not isinstance(given, dict) or not given or given.keys() - made:
            raise ValueError(f"it answers other calls of {exercise} than were made")
        if not all(map(_is_sound, given.values())):
            raise ValueError(f"its outcomes of {exercise} are malformed")
        outcomes[exercise] = _complete(given, list(made))
        place = end
    return outcomes


def _complete(given: dict[str, Outcome], made: list[str]) -> dict[str, Outcome]:
    """Put an error in the place of each outcome that is not there.

    After a call that was too slow no other is made: there the outcomes end.
    """
    whole = {}
    for name in made:
        whole[name] = _cut(given.get(name) or Outcome("error", error=NOTHING))
        if whole[name].status == "slow":
            break
    return whole


def _cut(one: Outcome) -> Outcome:
    """Shorten texts that the program inside would not have made so long."""
    for name in ("kind", "error", "line"):
        setattr(one, name, getattr(one, name)[:LONGEST])
    one.changed, one.reads = (
        [x[:LONGEST] for x in each[:20]] for each in (one.changed, one.reads)
    )
    return one


def _is_sound(one: Outcome) -> bool:
    """Say whether an outcome has the types that it should, its value aside."""
    if not isinstance(one, Outcome) or one.status not in STATUSES:
        return False
    kinds = {f.name: f.type for f in fields(Outcome)}
    texts = all(
        isinstance(getattr(one, name), kind)
        for name, kind in kinds.items()
        if kind in (str, int, bool)
    )
    lists = (one.changed, one.uses, one.reads)
    names = all(isinstance(x, str) for each in lists for x in each)
    return texts and names and isinstance(one.grads, dict)

"""Frequent levels get short codes: integers in hardly more bytes than their entropy.

An asymmetric numeral system, with many states side by side so that NumPy can work on
all of them at once. Source: Duda 2013, arXiv 1311.2540, section 3 (rANS).
"""

import numpy as np
from jaxtyping import UInt8
from torch import Tensor, from_numpy

__all__ = ["count_levels", "entropy", "expand", "squeeze"]

LANES = 64  # states side by side; each costs 4 bytes at the end
UNIT = 12  # counts are scaled to add up to 2^12
LOW = 1 << 16  # a state stays in [2^16, 2^32)


def entropy(counts: list[int]) -> float:
    """Return the fewest bits a symbol that any code can reach: Σ p log2(1 / p).

    Source: Shannon 1948, "A Mathematical Theory of Communication", theorem 9.
    """
    p = np.array([count for count in counts if count], dtype=float)
    p /= p.sum()
    return float(-(p * np.log2(p)).sum())


def count_levels(levels: UInt8[Tensor, "*shape"]) -> list[int]:
    """Return how often each integer 0, 1, ... occurs, scaled to add up to 4096.

    What occurs at all keeps a count of 1 at least.
    """
    found = np.bincount(levels.flatten().numpy())
    scaled = np.maximum(found * (1 << UNIT) // max(found.sum(), 1), found > 0)
    scaled[scaled.argmax()] += (1 << UNIT) - scaled.sum()
    return scaled.tolist()


def _tables(counts: list[list[int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return frequencies, where each symbol starts, and the symbol of each slot."""
    widest = max(len(row) for row in counts)
    frequency = np.array([row + [0] * (widest - len(row)) for row in counts])
    start = np.cumsum(frequency, axis=1) - frequency
    symbols = np.arange(widest)
    slots = np.stack([np.repeat(symbols, row) for row in frequency])
    return frequency.astype(np.uint64), start.astype(np.uint64), slots


def _is_whole(row: list[int]) -> bool:
    fits = len(row) <= 256 and all(isinstance(n, int) and n >= 0 for n in row)
    return fits and sum(row) == 1 << UNIT


def _owners(sizes: list[int]) -> np.ndarray:
    """Return which part each place belongs to; the last row is filled up."""
    owners = np.repeat(np.arange(len(sizes)), sizes)
    fill = -len(owners) % LANES
    return np.pad(owners, (0, fill), mode="edge").reshape(-1, LANES)


def squeeze(
    parts: list[UInt8[Tensor, "..."]], counts: list[list[int]]
) -> UInt8[Tensor, " n"]:
    """Encode tensors of small integers, each by the counts of its own symbols.

    About Σ entropy(counts) · size / 8 bytes, and 256 for the states.
    """
    frequency, start, slots = _tables(counts)
    owners = _owners([part.numel() for part in parts])
    flat = np.concatenate([part.flatten().numpy() for part in parts]).astype(int)
    fill = np.full(owners.size - len(flat), slots[-1, 0])
    symbols = np.concatenate([flat, fill]).reshape(-1, LANES)
    state, words = np.full(LANES, LOW, dtype=np.uint64), []
    for owner, symbol in zip(owners[::-1], symbols[::-1], strict=True):
        f, c = frequency[owner, symbol], start[owner, symbol]
        full = state >= f << np.uint64(32 - UNIT)
        words.append((state[full] & np.uint64(0xFFFF)).astype("<u2")[::-1])
        state[full] >>= np.uint64(16)
        state = (state // f << np.uint64(UNIT)) + state % f + c
    stream = np.concatenate(words)[::-1].tobytes()
    data = np.frombuffer(state.astype("<u4").tobytes() + stream, dtype=np.uint8)
    return from_numpy(data.copy())


def expand(
    data: UInt8[Tensor, " n"], sizes: list[int], counts: list[list[int]]
) -> list[UInt8[Tensor, " m"]]:
    """Return the flat tensors that `squeeze` encoded.

    Raises:
        ValueError: the data ends too early or does not end where it should, or the
            counts are none that `count_levels` makes.
    """
    if len(counts) != len(sizes) or not all(map(_is_whole, counts)):
        raise ValueError(f"counts of each part must add up to {1 << UNIT}")
    frequency, start, slots = _tables(counts)
    raw = data.numpy().tobytes()
    if len(raw) < 4 * LANES or len(raw) % 2:
        raise ValueError(f"{len(raw)} bytes cannot hold {LANES} states; was it cut?")
    state = np.frombuffer(raw[: 4 * LANES], dtype="<u4").astype(np.uint64)
    words, read = np.frombuffer(raw[4 * LANES :], dtype="<u2").astype(np.uint64), 0
    owners = _owners(sizes)
    out = np.empty(owners.shape, dtype=np.uint8)
    for row, owner in zip(out, owners, strict=True):
        slot = state & np.uint64((1 << UNIT) - 1)
        row[:] = slots[owner, slot.astype(int)]
        f, c = frequency[owner, row], start[owner, row]
        state = f * (state >> np.uint64(UNIT)) + slot - c
        empty = np.flatnonzero(state < LOW)
        more = words[read : read + len(empty)]
        if len(more) < len(empty):
            raise ValueError("the data ends before its symbols do; was it cut?")
        state[empty] = (state[empty] << np.uint64(16)) | more
        read += len(empty)
    if read != len(words) or (state != LOW).any():
        raise ValueError("the data does not end where its symbols do; is it damaged?")
    flat = from_numpy(out.reshape(-1)[: sum(sizes)])
    return list(flat.split(sizes))

"""How much a submission may use."""

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True)
class Limits:
    """What one submission may use: time, memory, output and processes.

    `seconds` is wall-clock time for everything; an exercise may take a third of it.
    `memory_gb` bounds each process and all of them together, `output_mb` what comes
    back and every file that is written.
    """

    seconds: float = 60.0
    memory_gb: float = 4.0
    output_mb: int = 64
    processes: int = 64

    def __post_init__(self):
        for name, value in vars(self).items():
            if value <= 0:
                raise ValueError(f"{name}={value} must be greater than 0")
        if self.memory_gb < 1:
            raise ValueError(
                f"memory_gb={self.memory_gb:g} is too little for PyTorch; allow 1 or 2"
            )

    @property
    def patience(self) -> float:
        """The seconds for one exercise."""
        return self.seconds / 3

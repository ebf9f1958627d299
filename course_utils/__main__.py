"""Run the `course` command without its script: `python -m course_utils`."""

from course_utils.cli import main

if __name__ == "__main__":
    main()

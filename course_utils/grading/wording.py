"""Every sentence that gradebook, report and feedback say of their own."""

__all__ = [
    "FEEDBACK",
    "GENERAL",
    "NEXT_STEPS",
    "NOTES",
    "REPORT",
    "START",
    "STATUSES",
    "TO_STUDENTS",
]

NOTES = {
    "stranger": "not on the roster",
    "no-time": "nobody knows when it was handed in, so lateness is not counted",
    "late": "{days} {unit} late: {percent:g} % count",
    "late-by-file": "{days} {unit} late by the file's own date, which its owner can "
    "change: {percent:g} % count",
    "override": "override of {of} to {points:g}: {reason}",
    "whole": "the whole lesson",
}

# Status -> what it means, for instructors.
STATUSES = {
    "graded": "The answers ran, and each was judged.",
    "timeout": "Stopped at the time limit.",
    "died": "The process ended before its results could be read.",
    "out_of_memory": "Stopped at the memory limit.",
    "unreadable": "The file is no notebook that can be read.",
    "refused": "Not opened, for safety: a link, an odd name, or too large.",
    "missing": "Nothing was handed in.",
    "grader_error": "A fault of the grader, not of the student.",
}

REPORT = {
    "one-lesson": "Lesson {number} · {title}: {got} of {all} graded",
    "many-lessons": "{n} lessons: {got} of {all} submissions graded",
    "nothing": "Nothing to report: no submissions",
    "median": "Half of the graded submissions have {half:.0f} % of the points or more; "
    "{full} have all of them.",
    "first": "First, what happened",
    "no-points": "Points exist only where the status is graded. All other statuses say "
    "why there are none, and count as 0 only in a total.",
    "sandbox": "Isolation: {levels}",
    "not-run": "no submission was run",
    "no-gap": "{level}: no gap is known at this level. Faults of the operating system "
    "itself remain possible, as everywhere.",
    "gaps": "What {level} does not guarantee",
    "look": "Who needs a look",
    "nobody": "Nobody: everything was graded, no two files are the same.",
    "twin": "the same file as {others}",
    "blank-twin": "the same file as {others}; nothing in it was attempted, so it may "
    "be the exercise as it was given out",
    "distribution": "How the points are spread",
    "hardest": "Hardest exercises first",
    "hardest-note": "Of {n} graded submissions. Attempted means that there was an "
    "answer, passed that it was right.",
    "diagnoses": "What went wrong most often",
    "diagnoses-note": "Per exercise, the likely slips that the check recognized in "
    "answers that did not pass.",
    "no-diagnosis": "No answer fell short.",
    "unknown": "No known slip: worth reading these answers.",
    "students": "Students",
    "students-note": "Each name leads to the feedback page. Where something else "
    "counts than was computed, both are given, with the reason.",
    "rules": "Rules that changed points",
    "unused": "These overrides match nobody and changed nothing:",
    "none": "no points",
    "share": "{n} of {all}",
    "in-lesson": "lesson {number}",
    "between": " counts, ",
    "counts": "{counted} counts, {points} computed",
    "no-computed": "{counted} counts, none computed",
    "more": "{n} more kinds of slip, once or twice each.",
}

# General slips whose sentence needs a value: what to say of a whole class.
GENERAL = {
    "returns-list": "A Python list or tuple came back, where one tensor was asked for.",
    "wrong-dtype": "The numbers have another type (dtype) than the input's.",
    "uses-global": "The function reads a variable of the notebook, not its arguments.",
    "missing-scale": "All numbers are wrong by the same factor.",
    "forgets-error": "An impossible input is not refused with an error.",
    "other-error": "An error is right here, but it should be another one.",
    "forbidden": "The answer uses ready-made code that it was to write itself.",
}

# For students: status -> what happened, and what to do.
TO_STUDENTS = {
    "timeout": "Your notebook did not come to an end within the time limit, so no "
    "points could be computed. Most often a loop waits for something that never "
    "happens. Restart the kernel, run everything, and see which cell does not finish.",
    "died": "The process that ran your answers ended early, so no points could be "
    "computed. Look for exit(), quit() or a crash; then restart the kernel and run "
    "everything once, from top to bottom.",
    "out_of_memory": "Your answers asked for more memory than there is, so no points "
    "could be computed. Look for a tensor that has an axis too many, or a list that "
    "keeps growing.",
    "unreadable": "Your file could not be read as a notebook. Open it in JupyterLab, "
    "save it there, and hand in that file.",
    "refused": "Your file was not opened, because it is a link, too large, or has a "
    "name that cannot be used. Hand in the notebook itself, as JupyterLab saves it.",
    "missing": "There is no notebook of yours for this lesson. If you did hand one in, "
    "tell your instructor: it may lie under another name.",
    "grader_error": "Something went wrong on our side, not on yours. Your instructor "
    "knows, and you need not do anything.",
}

FEEDBACK = {
    "title": "Feedback for {name}",
    "hello": "Hello {name},",
    "all": "all {n} exercises are right. Well done! Keep this notebook: later lessons "
    "build on what you wrote.",
    "some": "{right} of {n} exercises are right. For each of the others you find below "
    "what was asked, what probably happened, and a next step. They are meant to be "
    "tried in this order.",
    "none": "none of the exercises is right yet, and that can change quickly. Below "
    "you find, for each, what was asked and a first step. Take the first one alone.",
    "several": "here is your feedback on {n} lessons.",
    "lesson": "Lesson {number} · {title}",
    "no-lesson": "A file that belongs to no lesson we know",
    "points": "{got} of {all} points",
    "no-points": "No points yet",
    "counts": "{counted} of {all} points count; {points} were computed",
    "counts-alone": "{counted} of {all} points count; none were computed",
    "overview": "Points by exercise",
    "passed": "right",
    "failed": "not yet",
    "not attempted": "not attempted",
    "asked": "What was asked",
    "your-class": "Your class: {text}",
    "likely": "Likely slip",
    "happened": "What happened",
    "called": "called",
    "returned": "came back",
    "expected": "expected",
    "reread": "Reread",
    "next": "Next step",
    "place": "Lesson {number} · {title}, section “{section}”",
    "no-slip": "None that we know, so you made one of your own. Those teach the most.",
    "define": "Define {names}.",
    "closing": "After each change, run the check below the exercise: it shows again "
    "what came back and what was expected. The hints on the exercise card unfold one "
    "by one.",
}

# What to do next, by slip; then by the exercise's kind.
NEXT_STEPS = {
    "hangs": "Take the smallest input, print the loop's condition once a turn, and "
    "watch which part of it never changes.",
    "prints-much": "Delete the print, and look at one value at a time in a cell of its "
    "own.",
    "changes-input": "Copy the input before the call, compare after it, and replace "
    "the line that changed it.",
    "returns-nothing": "Write down what each branch of the function returns; one of "
    "them returns nothing.",
    "wrong-dtype": "Print the dtype of the input and of the result; then find the "
    "first line between them where it changes.",
    "cuts-gradient": "Walk backwards from the result and print `.requires_grad` of "
    "every value: the first False is where the way is cut.",
    "wrong-gradient": "Compute the result once more without `no_grad` and `detach`, "
    "and compare the gradients.",
    "remembers": "Call the function twice in a row with the same input, and look for "
    "what the second call finds that the first did not.",
    "uses-global": "Restart the kernel and run only this cell with inputs of your own: "
    "what is missing belongs among the arguments.",
    "one-size-only": "Call the function with all sizes different, such as T = 5, S = "
    "7, D = 8, and read the shapes line by line.",
    "missing-scale": "Divide what came back by what was expected: the number tells "
    "which factor it is.",
    "transposed": "Write the shape behind every line, and mark which axis belongs to "
    "what.",
    "not-a-number": "Find the first line whose result holds NaN: "
    "`torch.isnan(x).any()` after each.",
    "forgets-error": "Write the test that recognizes the impossible input first, on "
    "the first line.",
    "forbidden": "Write these lines yourself, from the operations that the card "
    "allows. Compare with the ready-made one only afterwards.",
    "names-of-weights": "Print `module.state_dict().keys()` and put it next to the "
    "names on the card.",
    "sizes-of-weights": "Print the shape of every entry of `module.state_dict()` and "
    "compare it with the card.",
    "complete": "Do one row by hand, on paper; then let the missing line do just that.",
    "rebuild": "Write down the shape after each step, from top to bottom, and only "
    "then change the step where it first surprises you.",
    "transfer": "Check first that the default gives the plain result again; then look "
    "at the new argument alone.",
    "debug": "Try the broken version on an input so small that you know the answer, "
    "and change one thing at a time.",
    "predict": "Read the section once more, give a reason for your choice in one "
    "sentence, then choose again.",
}

# What to do about an exercise that was not attempted, by its kind.
START = {
    "complete": "Read the card and its first hint; two or three lines are enough.",
    "rebuild": "Write the signature and the shape of the result, then one line for "
    "each step that you remember. The first hint gives the order.",
    "transfer": "Copy your answer to the rebuild exercise, and add the new argument "
    "without using it yet: that already has to work.",
    "debug": "Run the broken version on a tiny input, and write down the first thing "
    "that surprises you.",
    "predict": "A guess is welcome: every wrong choice tells you why.",
}

"""Code that ends, hangs, floods or fools whoever runs it."""

from tests.grading.faults.base import (
    ATTENTION,
    DIED,
    FULL,
    MEMORY,
    SLEEP,
    TIMEOUT,
    TRACE,
    WITHOUT,
    Fault,
    after,
    instead,
)

__all__ = ["ENDING", "FLOODING", "FOOLING", "HANGING"]

HANGING = (
    Fault("endless-cell", "a cell never ends", after("while True:\n    pass"), (FULL,)),
    Fault(
        "endless-answer",
        "an answer never ends",
        instead(f"{ATTENTION}    while True:\n        pass"),
        (WITHOUT,),
    ),
    Fault(
        "stubborn-cell",
        "a cell swallows every exception and goes on",
        after(
            "while True:\n    try:\n        while True:\n            pass\n"
            "    except BaseException:\n        pass"
        ),
        (TIMEOUT,),
    ),
    Fault(
        "deaf-answer",
        "an answer blocks the alarm and never ends",
        instead(
            f"{ATTENTION}    import signal\n"
            "    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 60))\n"
            "    while True:\n        pass"
        ),
        (WITHOUT,),
    ),
    Fault(
        "endless-in-c",
        "an answer never leaves a loop in C, where no alarm is heard",
        instead(f"{ATTENTION}    import itertools\n    sum(itertools.repeat(0))"),
        (WITHOUT,),
    ),
    Fault(
        "stops-itself",
        "a cell stops its own process",
        after("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"),
        (TIMEOUT,),
    ),
    Fault(
        "busy-thread",
        "a thread computes for ever beside the answers",
        after(
            "import threading\ndef busy():\n    while True:\n        pass\n"
            "threading.Thread(target=busy).start()"
        ),
        (FULL,),
    ),
)

ENDING = (
    Fault(
        "exit-cell", "os._exit(0) in a cell", after("import os\nos._exit(0)"), (DIED,)
    ),
    Fault(
        "exit-answer",
        "os._exit(0) in an answer",
        instead(f"{ATTENTION}    import os\n    os._exit(0)"),
        (WITHOUT,),
    ),
    Fault(
        "sys-exit", "sys.exit() in a cell", after("import sys\nsys.exit(0)"), (FULL,)
    ),
    Fault(
        "own-exception",
        "a cell raises what `except Exception` does not catch",
        after("class Out(BaseException):\n    pass\nraise Out"),
        (FULL,),
    ),
    Fault(
        "crash-cell",
        "a cell reads address 0",
        after("import ctypes\nctypes.string_at(0)"),
        (DIED,),
    ),
    Fault(
        "crash-answer",
        "an answer reads address 0",
        instead(f"{ATTENTION}    import ctypes\n    ctypes.string_at(0)"),
        (WITHOUT,),
    ),
    Fault(
        "kills-parent",
        "a cell kills the process above it, and process 1",
        after(
            "import os\nfor one in (os.getppid(), 1):\n    try:\n"
            "        os.kill(one, 9)\n    except OSError:\n        pass"
        ),
        (DIED,),
    ),
    Fault(
        "kills-from-answer",
        "an answer kills the process above it",
        instead(
            f"{ATTENTION}    import os\n    os.kill(os.getppid(), 9)\n    return v"
        ),
        (DIED,),
    ),
    Fault(
        "kills-siblings",
        "a cell kills every process that it can see, whosever it is",
        after(
            "import os\nfor one in os.listdir('/proc'):\n"
            "    if one.isdigit() and int(one) != os.getpid():\n        try:\n"
            "            os.kill(int(one), 9)\n        except OSError:\n"
            "            pass"
        ),
        (DIED,),
    ),
    Fault("kills-all", "kill -9 -1", after("import os\nos.kill(-1, 9)"), (DIED,)),
    Fault(
        "closes-pipes",
        "a cell closes every file that is open",
        after("import os\nos.closerange(0, 500)"),
        (DIED,),
    ),
    Fault(
        "runaway",
        "a process leaves its session, kills the one above, and sleeps",
        after(
            "import os\nparent = os.getppid()\nif os.fork() == 0:\n    os.setsid()\n"
            "    if os.fork() == 0:\n"
            f"        os.execvp('sleep', ['sleep', '{SLEEP}'])\n    os._exit(0)\n"
            "import time\ntime.sleep(1)\nos.kill(parent, 9)"
        ),
        (DIED,),
    ),
    Fault(
        "background",
        "a process sleeps on in a session of its own",
        after(
            "import subprocess\n"
            f"subprocess.Popen(['sleep', '{SLEEP}'], start_new_session=True)"
        ),
        (FULL,),
    ),
)

FLOODING = (
    Fault(
        "fork-bomb",
        "processes without end, each of which sleeps",
        after(
            "import os, time\nfor i in range(3000):\n    try:\n"
            "        if os.fork() == 0:\n            time.sleep(100)\n"
            "            os._exit(0)\n    except OSError:\n        break"
        ),
        (DIED, MEMORY),
    ),
    Fault(
        "fork-once",
        "a cell continues in two processes",
        after("import os\nos.fork()"),
        (FULL,),
    ),
    Fault(
        "fork-answer",
        "an answer continues in two processes",
        after(
            "import os\nplain, FORKED = attention, []\n"
            f"{ATTENTION}    if not FORKED:\n        FORKED.append(os.fork())\n"
            "    return plain(q, k, v, mask)"
        ),
        (FULL,),
    ),
    Fault(
        "memory-cell",
        "a cell takes memory until there is none",
        after("kept = []\nwhile True:\n    kept.append(bytearray(2**22))"),
        (MEMORY, TIMEOUT),
    ),
    Fault(
        "memory-answer",
        "an answer asks for 400 GB",
        instead(f"{ATTENTION}    return torch.ones(10**11)"),
        (WITHOUT,),
    ),
    Fault(
        "memory-together",
        "twelve processes take 400 MB each, less than is allowed for one",
        after(
            "import os, signal, time\nfor i in range(12):\n    if os.fork() == 0:\n"
            "        kept = bytearray(b'x') * (400 * 2**20)\n"
            "        time.sleep(100)\n        os._exit(0)\n"
            "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 60))\n"
            "time.sleep(100)"
        ),
        (MEMORY, TIMEOUT),
    ),
    Fault(
        "disk",
        "files of 60 MB, ten of them, where they may be written",
        after(
            "try:\n    for i in range(10):\n        with open(f'{i}', 'wb') as to:\n"
            "            to.write(bytes(60_000_000))\nexcept OSError:\n    pass"
        ),
        (FULL,),
    ),
    Fault(
        "large-file",
        "one file that is larger than allowed",
        after("with open('fill', 'wb') as file:\n    file.write(bytes(2**28))"),
        (FULL,),
    ),
    Fault(
        "prints-cell",
        "a cell prints 100 MB",
        after("for i in range(1000):\n    print('x' * 100_000)"),
        (FULL,),
    ),
    Fault(
        "prints-answer",
        "an answer prints 10 MB",
        instead(f"{ATTENTION}    print('x' * 10**7)\n    return v"),
        (WITHOUT,),
    ),
    Fault(
        "large-result",
        "an answer returns 400 MB",
        instead(f"{ATTENTION}    return torch.ones(10**8)"),
        (WITHOUT,),
    ),
    Fault(
        "recursion",
        "a cell calls itself without end",
        after("def deeper():\n    deeper()\ndeeper()"),
        (FULL,),
    ),
    Fault(
        "recursion-in-c",
        "the same with no limit, until the stack of C is full",
        after(
            "import sys\nsys.setrecursionlimit(10**9)\nclass Deep:\n"
            "    def __getattr__(self, name):\n        return getattr(self, name)\n"
            "    def __repr__(self):\n        return repr(self)\nrepr(Deep())"
        ),
        (DIED, MEMORY, FULL),
    ),
    Fault(
        "nested-result",
        "an answer returns a list in a list, 100,000 deep",
        instead(
            f"{ATTENTION}    deep = []\n    for i in range(10**5):\n"
            "        deep = [deep]\n    return deep"
        ),
        (WITHOUT,),
    ),
    Fault(
        "open-files",
        "a cell opens files until there are no more",
        after(
            "kept = []\ntry:\n    while True:\n        kept.append(open('/dev/null'))\n"
            "except OSError:\n    pass"
        ),
        (DIED,),
    ),
)

_WRONG = f"{ATTENTION}    return torch.zeros_like(q @ k.transpose(-2, -1) @ v)\n"

FOOLING = (
    Fault(
        "torch-patched",
        "PyTorch's comparisons always say yes",
        instead(
            f"{_WRONG}yes = lambda *args, **kwargs: True\n"
            "torch.allclose = torch.equal = torch.Tensor.__eq__ = yes\n"
            "torch.isclose = lambda *args, **kwargs: torch.ones(1).bool()\n"
            "torch.testing.assert_close = yes"
        ),
        (WITHOUT,),
    ),
    Fault(
        "equal-to-all",
        "an answer returns what claims to equal everything",
        instead(
            "class Equal:\n    shape = (5, 8)\n    dtype = torch.float32\n"
            "    __eq__ = __le__ = __bool__ = lambda *args: True\n"
            "    __hash__ = object.__hash__\n"
            "    def __array__(self):\n        return self\n"
            f"{ATTENTION}    return Equal()"
        ),
        (WITHOUT,),
    ),
    Fault(
        "lying-tensor",
        "an answer returns a tensor that lies about itself",
        instead(
            "class Liar(torch.Tensor):\n    @classmethod\n"
            "    def __torch_function__(cls, f, types, args=(), kwargs=None):\n"
            "        found = super().__torch_function__(f, types, args, kwargs or {})\n"
            "        said = isinstance(found, torch.Tensor)\n"
            "        is_flag = said and found.dtype == torch.bool\n"
            "        return torch.ones_like(found) if is_flag else found\n"
            "    def __eq__(self, other):\n        return True\n"
            f"{ATTENTION}    right = q @ k.transpose(-2, -1) @ v\n"
            "    return torch.zeros_like(right).as_subclass(Liar)"
        ),
        (WITHOUT,),
    ),
    Fault(
        "lying-text",
        "the choice is a text that equals every other",
        instead(
            "class Any(str):\n    __eq__ = lambda self, other: True\n"
            "    __hash__ = str.__hash__\nleaks = Any('z')",
            "leaks",
        ),
        (("graded", 12),),
    ),
    Fault(
        "poisoned-builtins",
        "len, isinstance and json lie to everybody in the process",
        after(
            "import builtins, json\nbuiltins.len = lambda x: 0\n"
            "builtins.isinstance = lambda *args: True\n"
            "json.dumps = lambda *args, **kwargs: '{}'"
        ),
        (DIED, MEMORY),
    ),
    Fault(
        "markup",
        "an error text and the name of a type hold markup and control characters",
        instead(
            "odd = type('<script>alert(1)</script>', (), {})\n"
            f"{ATTENTION}    raise ValueError('<script>alert(2)</script>"
            "\\x1b[2J\\x1b]0;owned\\x07\\u202e\\ud800')\n"
            f"{ATTENTION.replace('attention', 'scores').replace(', v, mask=None', '')}"
            "    return odd()"
        ),
        (("graded", 7),),
    ),
    Fault(
        "asks",
        "a cell waits for the keyboard",
        after("name = input('Your name? ')"),
        (FULL,),
    ),
    Fault(
        "magics",
        "magic commands, and IPython's way to change every cell",
        after(
            f"%env HOME=/\n!touch /tmp/{TRACE}-shell\n"
            "get_ipython().ast_transformers.append(None)"
        ),
        (FULL,),
    ),
)

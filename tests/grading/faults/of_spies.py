"""Code that looks for the right answers, for others' results, and for a way out."""

from pathlib import Path

from tests.grading.faults.base import (
    ATTENTION,
    FULL,
    ROOT,
    TRACE,
    WITHOUT,
    Fault,
    after,
    instead,
)

__all__ = ["LISTENER", "SPYING"]

# Where a test listens, and the folder of its results.
LISTENER = {"port": 9, "name": TRACE, "results": "/nowhere"}

_LIBRARY = "course_utils/checks/lesson02/attention.py"

# How each tries an answer that it has found: it is right exactly if there was one.
_USE = f"""
{ATTENTION}    for one in spied:
        try:
            return one(q, k, v, mask)
        except Exception:
            pass
    return torch.zeros_like(q @ k.transpose(-2, -1) @ v)
"""


def _spy(code: str):
    return instead(f"spied = []\n{code}\n{_USE}")


def network(folder: Path) -> None:
    """Speak to a listener on this machine by TCP, UDP and a named socket."""
    after(
        "import socket\n"
        f"there = ('127.0.0.1', {LISTENER['port']})\n"
        "ways = [(socket.AF_INET, socket.SOCK_STREAM, there),\n"
        "        (socket.AF_INET, socket.SOCK_DGRAM, there),\n"
        f"        (socket.AF_UNIX, socket.SOCK_STREAM, '\\0{LISTENER['name']}')]\n"
        "for family, kind, where in ways:\n    try:\n"
        "        with socket.socket(family, kind) as one:\n"
        "            one.settimeout(1)\n            one.connect(where)\n"
        "            one.send(b'here I am')\n    except OSError:\n        pass"
    )(folder)


def tampers(folder: Path) -> None:
    """Write into the results of the others, and into whatever looks like some."""
    after(
        "import glob, os\n"
        f"places = glob.glob('{LISTENER['results']}/**/*', recursive=True)\n"
        "places += glob.glob('/tmp/*/results/*.json') + glob.glob('../../**/*.json')\n"
        f"places += ['{LISTENER['results']}/results/tampers-02.json']\n"
        "for place in places:\n    try:\n        with open(place, 'w') as file:\n"
        "            file.write('{\"points\": 99}')\n    except OSError:\n"
        "        pass"
    )(folder)


SPYING = (
    Fault("network", network.__doc__, network, (FULL,)),
    Fault("tampers", tampers.__doc__, tampers, (FULL,)),
    Fault(
        "oracle-import",
        "looks for the checks among the modules",
        _spy(
            "import importlib\nfor name in ('checks.lesson02.attention',\n"
            "             'checks.judge', 'grading.grade', 'recall.questions'):\n"
            "    try:\n"
            "        module = importlib.import_module(f'course_utils.{name}')\n"
            "        spied += [module.attend]\n    except Exception:\n"
            "        pass"
        ),
        (WITHOUT,),
    ),
    Fault(
        "oracle-files",
        "looks for the checks behind the package's own folder and in the checkout",
        _spy(
            "import os, sys, types\nimport course_utils, course_utils.attention\n"
            "roots = [os.path.realpath(course_utils.__file__),\n"
            "         os.path.realpath(course_utils.attention.__file__)]\n"
            "roots = [os.path.dirname(os.path.dirname(one)) for one in roots]\n"
            f"roots += ['{ROOT}', *sys.path, os.environ.get('COURSE_ROOT', '/')]\n"
            "for root in roots:\n    try:\n"
            f"        with open(os.path.join(root, '{_LIBRARY}')) as file:\n"
            "            text = file.read()\n"
            "        start = text.index('def attend')\n"
            "        made = {'torch': torch, 'math': math, 'Tensor': torch.Tensor}\n"
            "        end = text.index('\\n\\n\\n', start)\n"
            "        exec(text[start:end], made)\n"
            "        spied += [made['attend']]\n    except Exception:\n"
            "        pass"
        ),
        (WITHOUT,),
        weak=(WITHOUT, FULL),
    ),
    Fault(
        "oracle-solutions",
        "looks for the solutions, in the checkout and in every folder above",
        _spy(
            "import glob, json\n"
            f"found = ['{ROOT}/solutions/02_attention.ipynb']\n"
            "for place in ('/*/*', '/*/*/*', '/view/*'):\n"
            "    found += glob.glob(f'{place}/solutions/02*')\n"
            "for path in found:\n    try:\n        with open(path) as file:\n"
            "            cells = json.load(file)['cells']\n"
            "        text = [''.join(one['source']) for one in cells\n"
            "                if one['id'] == 'answer-attention'][0]\n"
            "        made = {'torch': torch, 'math': math}\n"
            "        exec(text, made)\n        spied += [made['attention']]\n"
            "    except Exception:\n        pass"
        ),
        (WITHOUT,),
        weak=(WITHOUT, FULL),
    ),
    Fault(
        "oracle-gc",
        "looks for the checks among all objects of the process",
        _spy(
            "import gc, types\nfor one in gc.get_objects():\n"
            "    if isinstance(one, types.FunctionType):\n"
            "        home = str(one.__module__)\n"
            "        if 'checks' in home or 'grading' in home or 'tests' in home:\n"
            "            spied += [one]"
        ),
        (WITHOUT,),
    ),
    Fault(
        "oracle-frames",
        "looks for expected values in the frames above",
        instead(
            f"{ATTENTION}    import sys\n    frame = sys._getframe()\n"
            "    wanted = q.shape[:-1] + v.shape[-1:]\n    while frame:\n"
            "        for name, one in frame.f_locals.items():\n"
            "            found = getattr(one, 'value', one)\n"
            "            if name in ('expected', 'known', 'wanted_value', 'answer'):\n"
            "                return found\n        frame = frame.f_back\n"
            "    return torch.zeros(wanted)"
        ),
        (WITHOUT,),
    ),
    Fault(
        "oracle-site",
        "looks for a way to the checkout in site-packages",
        _spy(
            "import glob, re, sys\nroots = set()\nfor folder in sys.path:\n"
            "    for path in glob.glob(f'{folder}/*.pth') + glob.glob(\n"
            "            f'{folder}/__editable__*') + glob.glob(\n"
            "            f'{folder}/course*/direct_url.json'):\n        try:\n"
            "            with open(path) as file:\n"
            "                roots |= set(re.findall(r'/[\\w/.-]+', file.read()))\n"
            "        except OSError:\n            pass\nfor root in roots:\n"
            "    sys.path.append(root.replace('/course_utils', ''))\n"
            "for one in [x for x in sys.modules if x.startswith('course_utils')]:\n"
            "    del sys.modules[one]\n"
            "sys.path.reverse()\ntry:\n"
            "    from course_utils.checks.lesson02.attention import attend\n"
            "    spied += [attend]\nexcept Exception:\n    pass\nsys.path.reverse()"
        ),
        (WITHOUT,),
        weak=(WITHOUT, FULL),
    ),
    Fault(
        "oracle-proc",
        "reads the memory and the environment of the processes above",
        _spy(
            "import os, re\nabove = os.getppid()\n"
            "for one in (above, 1, *filter(str.isdigit, os.listdir('/proc'))):\n"
            "    for name in ('environ', 'cmdline', 'maps', 'mem'):\n        try:\n"
            "            with open(f'/proc/{one}/{name}', 'rb') as file:\n"
            "                text = file.read(10**6)\n"
            "                if b'def attend' in text:\n"
            "                    exec(text[text.index(b'def attend'):])\n"
            "                    spied += [attend]\n        except Exception:\n"
            "            pass"
        ),
        (WITHOUT,),
    ),
    Fault(
        "leaves-files",
        "writes a file wherever it may",
        after(
            "import os\nplaces = ['/tmp', '/var/tmp', '/dev/shm', '/', '/etc', '..']\n"
            f"places += ['{ROOT}', os.path.expanduser('~'), os.path.dirname("
            "torch.__file__)]\nfor place in places:\n    try:\n"
            f"        with open(f'{{place}}/{TRACE}', 'w') as file:\n"
            "            file.write('here I was')\n    except OSError:\n"
            "        pass"
        ),
        (FULL,),
    ),
)

"""Names decide whether anybody else can work here: rooms, nouns for modules, verb and object for functions."""

import ast
from collections import Counter, defaultdict

from tests.architecture.sources import APPS, ROOT, module_name, parse_file, public_functions, source_files

MOST_MODULES = 16
FIELD_ING = {"accounting", "logging", "matching", "monitoring", "polling", "pricing", "wording"}
"""Modules that end so because the field says so itself, or the language: wording is a noun."""
FIELD_WORDS = {
    "advance",  # a state machine's one step
    "amber",  # the colours of a launch check's finding
    "green",
    "main",  # of a program
    "red",
    "wake",  # the queue, by a task's name
}
"""One-word functions outside `tasks.py` and the template tags, whose names operators and templates use."""
NAMED_FOR_OTHERS = ("tasks", "templatetags")
WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
PREDICATES = ("is_", "has_", "may_", "can_")


def test_functions_say_what_they_do_to_what():
    named = list(public_functions())
    single = [f"{module}.{node.name}" for module, node in named if "_" not in node.name]
    wrong = [name for name in single if name.rpartition(".")[2] not in FIELD_WORDS and not is_named_for_others(name)]
    assert wrong == [], (
        "Verb and object, so that a reader can grep it: place_order, claim_due_payments. Or FIELD_WORDS."
    )
    assert len(single) <= len(named) * 0.05, f"{len(single)} of {len(named)} functions are one word: {single}"


def is_named_for_others(name):
    return any(part in NAMED_FOR_OTHERS for part in name.split(".")[:-1])


def test_one_name_means_one_thing():
    modules = defaultdict(set)
    for module, node in public_functions():
        modules[node.name].add(module)
    thrice = {name: sorted(where) for name, where in modules.items() if len(where) > 2 and name != "main"}
    assert thrice == {}, "Say which: a name that stands in three modules tells a reader nothing."


def test_modules_are_nouns():
    wrong = [
        module_name(path)
        for path in source_files()
        if path.stem.endswith("ing") and path.stem.rpartition("_")[2] not in FIELD_ING
    ]
    assert wrong == [], f"A module is a noun of docs/glossary.md; only {sorted(FIELD_ING)} end in -ing in this field."


def test_a_folder_is_a_room():
    modules = Counter(path.parent.relative_to(ROOT) for path in source_files() if path.stem != "__init__")
    full = {str(folder): number for folder, number in modules.items() if number > MOST_MODULES}
    assert full == {}, (
        f"More than {MOST_MODULES} modules are no room any more: say what is decided where, and part them."
    )


def test_a_room_says_what_is_decided_there():
    """In one sentence or two, with the file to read first. Folders that Django or Wagtail finds by name need none."""
    found_by_name = {"templatetags", "management", "commands", "formats", "en_GB"}
    rooms = {path.parent for path in source_files()} - {ROOT / app for app in APPS}
    silent = [
        str(room.relative_to(ROOT))
        for room in sorted(rooms)
        if room.name not in found_by_name and not ast.get_docstring(parse_file(room / "__init__.py"))
    ]
    assert silent == [], (
        "Its `__init__` says in one sentence what is decided in this room and which file to read first."
    )


def test_predicates_write_nothing():
    found = [
        f"{module_name(path)}.{node.name}"
        for path in source_files()
        for node in ast.walk(parse_file(path))
        if isinstance(node, ast.FunctionDef) and node.name.lstrip("_").startswith(PREDICATES) and writes_rows(node)
    ]
    assert found == [], "A predicate answers; whoever calls it twice, or only to look, must change nothing."


def writes_rows(function):
    """A dict's `update` is none: a module's own memory stands in a name of its own."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    return any(call.func.attr in WRITES and not is_memory(call.func.value) for call in calls)


def is_memory(value):
    return isinstance(value, ast.Name) and value.id.startswith("_")


def test_no_import_goes_in_a_circle():
    """Imports inside functions count too."""
    edges = {module_name(path): set(imports_of(path)) for path in source_files()}
    circles = [
        circle for circle in strong_components(edges) if len(circle) > 1 or circle <= edges.get(min(circle), set())
    ]
    assert circles == [], (
        "Cut it: the lower of the two wakes the queue by name, sends a signal or is told by its caller."
    )


def imports_of(path):
    """Modules of ours; a name taken from a package counts as an import of the package."""
    ours = {module_name(each) for each in source_files()}
    for node in ast.walk(parse_file(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in ours)
        elif isinstance(node, ast.ImportFrom):
            base = absolute_base(path, node)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                if inner in ours or base in ours:
                    yield inner if inner in ours else base


def absolute_base(path, node):
    if not node.level:
        return node.module
    here = module_name(path).split(".")
    here = here if path.stem == "__init__" else here[:-1]
    return ".".join([*here[: len(here) - node.level + 1], *([node.module] if node.module else [])])


def strong_components(edges):
    """Tarjan's, as sets of names that reach each other."""
    order, low, stack, found = {}, {}, [], []

    def visit(name):
        order[name] = low[name] = len(order)
        stack.append(name)
        for other in edges.get(name, ()):
            if other not in order:
                visit(other)
            if other in stack:
                low[name] = min(low[name], low[other])
        if low[name] == order[name]:
            found.append(set())
            while name not in found[-1]:
                found[-1].add(stack.pop())

    for name in edges:
        if name not in order:
            visit(name)
    return found


def test_docstrings_are_for_rules():
    functions = [
        node
        for path in source_files()
        for node in ast.walk(parse_file(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    share = sum(bool(ast.get_docstring(node)) for node in functions) / len(functions)
    assert 0.2 <= share <= 1 / 3, (
        f"{share:.0%} of functions have one: only where there is a rule, unit, error or source."
    )

"""Whether what a payment was for has been delivered. Payments knows no tickets: the app above answers.

The app above registers one function at start: `explain(subjects) -> {subject: FulfilmentStatus}` for a list of
subjects, in a constant number of queries. A subject that is not in the answer is unknown to it.
"""

from dataclasses import dataclass

_explainers, _finders = [], []


@dataclass(frozen=True)
class FulfilmentStatus:
    """`settled`: the money has what it paid for, or was given back, or a person was asked. `words` for staff."""

    settled: bool
    words: str
    path: str = ""


def register_status_source(explain):
    """Called once at start, by `AppConfig.ready`."""
    if explain not in _explainers:
        _explainers.append(explain)


def register_subject_finder(find):
    """Called once at start too: `find(user, text) -> subjects` of what this person may see and means by the text."""
    if find not in _finders:
        _finders.append(find)


def find_subjects(user, text):
    return [subject for find in _finders for subject in find(user, text)]


def fulfilment_status_of(subjects):
    found = {}
    for explain in _explainers:
        found |= explain(list(subjects))
    return found

"""The change of a basket: what a form asks for, against what the locked lines hold."""

from django.utils.translation import gettext_lazy as _

from ticketing.domain.errors import LimitExceeded, NotOnSale


def is_still_held(line, now):
    return line.expires_at is not None and line.expires_at > now


def check_types(quantities, types):
    if not types or not set(quantities) <= set(types):
        raise NotOnSale(_("One of these tickets does not belong to this event."))


def check_numbers(quantities):
    if any(not isinstance(number, int) or number < 0 for number in quantities.values()):
        raise LimitExceeded(_("A number of tickets must be 0 or more."))


class BasketChange:
    """`more` are the types that need seats or a fresh hold, `deltas` what changes in the stock, where an ended hold
    counts until it is reclaimed. `let_go` are seats whose hold has ended or is given up, `fewer` the lines that keep
    their price and the end of their hold. A hold that grows ends at `until` while the basket `may_extend`; then it
    `grew`.
    """

    def __init__(self, lines, quantities, now, *, until, may_extend):
        self.lines, self.quantities, self.now = lines, quantities, now
        self.until, self.may_extend = until, may_extend
        live = {type_id: line.quantity for type_id, line in lines.items() if is_still_held(line, now)}
        counted = {type_id: line.quantity for type_id, line in lines.items() if line.expires_at}
        self.more = {type_id for type_id, number in quantities.items() if number > live.get(type_id, 0)}
        self.deltas = {type_id: number - counted.get(type_id, 0) for type_id, number in quantities.items()}
        before = {type_id: line.quantity for type_id, line in lines.items()}
        self.after = {type_id: number for type_id, number in (before | quantities).items() if number}

    @property
    def let_go(self):
        named = [self.lines[type_id] for type_id in set(self.lines) & set(self.quantities)]
        ended = [line for line in named if line.expires_at and not is_still_held(line, self.now)]
        given_up = [line for line in self.removed if is_still_held(line, self.now)]
        return sum(line.quantity for line in ended + given_up)

    @property
    def grew(self):
        return self.may_extend and any(
            is_still_held(self.lines[each], self.now) for each in self.more & set(self.lines)
        )

    def until_of(self, type_id):
        line = self.lines.get(type_id)
        return self.until if self.may_extend or not line or not is_still_held(line, self.now) else line.expires_at

    @property
    def removed(self):
        return [self.lines[type_id] for type_id in set(self.lines) - set(self.after)]

    @property
    def fewer(self):
        kept = set(self.after) & set(self.lines) - self.more
        return [self.lines[type_id] for type_id in kept if self.after[type_id] != self.lines[type_id].quantity]

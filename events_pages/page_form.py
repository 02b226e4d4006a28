"""The form of every page. It refuses what its choosers do not offer: Wagtail would take any number that somebody types
into a field, and then show what it is called."""

from collections import defaultdict

from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey
from wagtail.admin.forms import WagtailAdminPageForm

from protection.admin.row_scopes import choosable_rows, has_all_rows


class PageForm(WagtailAdminPageForm):
    def clean(self):
        """Checked before the page is saved or shown again with its errors. What is on the page already may stay."""
        if not may_choose(self.for_user, self.sent() - self.kept()):
            raise PermissionDenied
        return super().clean()

    def sent(self):
        """As it came, because a field with an error has no clean value and is shown all the same."""
        return self.named(lambda field: self[field.name].data)

    def kept(self):
        return self.named(lambda field: field.value_from_object(self.instance))

    def named(self, value_of):
        fields = [field for field in self.instance._meta.get_fields() if field.name in self.fields]
        return {each for field in fields for each in references_in(field, value_of(field))}


def references_in(field, value):
    if value and isinstance(field, ForeignKey):
        yield field.related_model, str(value)
    elif value and hasattr(field, "extract_references"):
        for model, number, *_where in field.extract_references(value):
            yield model, str(number)


def may_choose(user, references):
    by_model = defaultdict(set)
    for model, number in references:
        by_model[model].add(number)
    return all(has_all_rows(choosable_rows(user, model), numbers) for model, numbers in by_model.items())

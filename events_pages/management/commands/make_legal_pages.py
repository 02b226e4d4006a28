from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from events_pages.enums import LegalKind
from events_pages.legal import sample_texts
from events_pages.models import HomePage, LegalPage, SiteSettings


class Command(BaseCommand):
    help = "Makes the legal pages that are missing, as drafts with starting texts. What is there is never touched."

    def handle(self, **options):
        home = HomePage.objects.first()
        if home is None:
            raise CommandError("There is no home page yet: make one in the admin first.")
        for kind in LegalKind:
            if LegalPage.objects.filter(kind=kind).exists():
                self.stdout.write(f"{kind.label}: there already.")
            else:
                blanks = sample_texts.list_blanks(make_draft(home, kind))
                self.stdout.write(f"{kind.label}: a draft was made. To fill in: {'; '.join(blanks)}")


@transaction.atomic
def make_draft(home, kind):
    home.refresh_from_db()
    settings = SiteSettings.for_site(home.get_site()) if home.get_site() else SiteSettings()
    taken = home.get_children().filter(slug=str(kind)).exists()
    page = LegalPage(
        title=str(kind.label),
        slug="" if taken else str(kind),
        kind=kind,
        version=f"{timezone.localdate():%Y-%m}",
        body=sample_texts.sample_text(kind, sample_texts.answers_from_settings(settings)),
        live=False,
        has_unpublished_changes=True,
    )
    home.add_child(instance=page)
    page.save_revision()
    return page

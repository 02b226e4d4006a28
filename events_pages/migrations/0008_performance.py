import django.db.models.deletion
from django.db import migrations, models

STATUSES = [
    ("scheduled", "Scheduled"),
    ("cancelled", "Cancelled"),
    ("postponed", "Postponed"),
    ("moved_online", "Moved online"),
    ("elsewhere", "Sold elsewhere"),
]


class Migration(migrations.Migration):
    dependencies = [("events_pages", "0007_entry")]

    operations = [
        # Code that does not know these columns any more still makes pages; the columns go a release later.
        migrations.AlterField(
            model_name="eventpage",
            name="status",
            field=models.CharField(choices=STATUSES, default="scheduled", db_default="scheduled", max_length=12),
        ),
        migrations.AlterField(
            model_name="eventpage",
            name="status_note",
            field=models.CharField(blank=True, default="", db_default="", max_length=240),
        ),
        migrations.AlterField(
            model_name='eventpage',
            name='entry',
            field=models.CharField(blank=True, choices=[('', 'No ticket needed'), ('tickets_later', 'Tickets come later'), ('elsewhere', 'Sold elsewhere')], db_default='', default='', help_text='Said while no tickets are sold here.', max_length=16, verbose_name='tickets'),
        ),
        migrations.AlterField(
            model_name='eventpage',
            name='link',
            field=models.URLField(blank=True, help_text='Where tickets are sold, when somebody else sells them.', verbose_name='link'),
        ),
        migrations.CreateModel(
            name='Performance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, default='', help_text='Only where it tells dates apart: “Matinee”, “Opening night”.', max_length=80, verbose_name='name')),
                ('starts_at', models.DateTimeField(verbose_name='starts')),
                ('ends_at', models.DateTimeField(blank=True, help_text='Empty: about three hours after the start.', verbose_name='ends')),
                ('is_end_estimated', models.BooleanField(default=False, editable=False, verbose_name='nobody said the end')),
                ('doors_at', models.DateTimeField(blank=True, null=True, verbose_name='doors open')),
                ('status', models.CharField(choices=[('scheduled', 'Scheduled'), ('cancelled', 'Called off'), ('postponed', 'Postponed'), ('rescheduled', 'Moved to another date'), ('moved_online', 'Moved online')], default='scheduled', editable=False, max_length=12, verbose_name='status')),
                ('status_note', models.CharField(blank=True, default='', help_text='Why, and what ticket holders should do: “Gale warning. Everybody is refunded by Friday.”', max_length=240, verbose_name='about the status')),
                ('link', models.URLField(blank=True, default='', help_text='The address, when it moved online.', verbose_name='where to watch')),
                ('former_starts_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='start before it was moved')),
                ('sequence', models.PositiveIntegerField(default=0, editable=False, verbose_name='changes that calendars must hear of')),
                ('changed_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('is_long', models.BooleanField(default=False, editable=False, help_text='Over a day: an index finds what goes on now by it.')),
                ('former_venue', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='events_pages.venue', verbose_name='venue before it was moved')),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='performances', to='events_pages.eventpage', verbose_name='event page')),
                ('venue', models.ForeignKey(blank=True, help_text='Empty: the venue of the event page.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='performances', to='events_pages.venue', verbose_name='venue of this date')),
            ],
            options={
                'verbose_name': 'date',
                'ordering': ['starts_at', 'id'],
                'indexes': [models.Index(fields=['starts_at', 'id'], name='performance_start'), models.Index(fields=['ends_at'], name='performance_end'), models.Index(fields=['page', 'ends_at'], name='performance_of_page'), models.Index(condition=models.Q(('is_long', True)), fields=['ends_at'], name='performance_long'), models.Index(condition=models.Q(('status', 'postponed')), fields=['page'], name='performance_postponed')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='performance_ends_after_start'), models.CheckConstraint(condition=models.Q(('doors_at__isnull', True), ('doors_at__lte', models.F('starts_at')), _connector='OR'), name='performance_doors_before_start')],
            },
        ),
    ]

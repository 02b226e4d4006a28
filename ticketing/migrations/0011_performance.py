import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events_pages", "0008_performance"), ("ticketing", "0010_lost_answers")]

    operations = [
        migrations.AddField(
            model_name='checkin',
            name='performance',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='check_ins', to='events_pages.performance', verbose_name='scanned for'),
        ),
        migrations.AddField(
            model_name='eventsale',
            name='performance',
            field=models.ForeignKey(blank=True, help_text='Empty: a pass for all dates of the page.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sales', to='events_pages.performance', verbose_name='date'),
        ),
        migrations.AddField(
            model_name='eventsale',
            name='takes_date_seats',
            field=models.BooleanField(db_default=False, default=False, help_text='Ticked: each pass counts in the capacity of every date too, not only in its own.', verbose_name='passes take a seat on every date'),
        ),
        migrations.AlterField(
            model_name='checkin',
            name='result',
            field=models.CharField(choices=[('accepted', 'Valid ticket'), ('already_used', 'Already used'), ('void', 'Ticket is void'), ('wrong_event', 'Other event or date'), ('called_off', 'Not on that date'), ('unknown', 'Not one of our tickets')], max_length=12, verbose_name='result'),
        ),
        migrations.AlterField(
            model_name='eventsale',
            name='closes_at',
            field=models.DateTimeField(blank=True, help_text='Empty: when the performance starts; of a pass, when the last one does.', null=True, verbose_name='sales close'),
        ),
        migrations.AlterField(
            model_name='eventsale',
            name='name',
            field=models.CharField(blank=True, help_text='Of a pass, or where one date has several sales: “Festival pass”, “Balcony”.', max_length=80, verbose_name='name'),
        ),
        # Code that does not know these columns any more still makes rows; the columns go a release later.
        migrations.AlterField(
            model_name="checkin",
            name="sale",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="check_ins",
                to="ticketing.eventsale",
            ),
        ),
        migrations.AlterField(model_name="eventsale", name="starts_at", field=models.DateTimeField(null=True)),
    ]

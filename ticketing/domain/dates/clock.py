"""Moments of sales and of dates, by the clocks of the island, and how they are written down."""

from datetime import timedelta

from django.utils.formats import date_format

from events_pages.dates.island_clock import to_island_clock, to_moment, to_wall


def move_before(start, *, days=0, minutes=0):
    """That long before `start`: days by the clock, minutes as they pass. Aware UTC."""
    wall = to_wall(start) - timedelta(days=days)
    return to_moment(wall) - timedelta(minutes=minutes)


def format_start(moment):
    """“Sat 3 July 2027, 19:30”: with its year, as several dates of one page may lie years apart."""
    return date_format(to_island_clock(moment), "D j F Y, H:i")

"""A local stand-in for SumUp: the same paths, answers, hosted page and awkward habits, over real HTTP.

It shares no code with the client it is tested with, so a misreading of the API cannot hide on both sides.
Read `application` first, then `api`. Start it in `site/` with `python -m sumup_simulator --port 8091`.
"""

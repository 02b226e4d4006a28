"""The sizes in which posters and pictures are shown; templates ask for the same."""

CARD = "fill-480x600|format-webp"
POSTER = "width-960|format-webp"
SHARING = "fill-1200x630|format-jpeg"

POSTER_SIZES = (CARD, POSTER, SHARING)

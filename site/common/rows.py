"""Small helpers for the rows of models."""


def copy_fields(row, **fields):
    """Brings the row in memory up to date with what a conditional UPDATE has just written."""
    for name, value in fields.items():
        setattr(row, name, value)


def clip_text(model, field, text):
    """As much of the text as the column of this model holds."""
    return str(text)[: model._meta.get_field(field).max_length]

"""Migration operations that Django does not have."""

from django.db.migrations import AddIndex
from django.db.migrations.operations.base import Operation


class AddIndexQuietly(AddIndex):
    """Builds an index while others write. The migration needs `atomic = False`; SQLite builds it as ever."""

    atomic = False

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.add_index(model, self.index, concurrently=True)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            return
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.remove_index(model, self.index, concurrently=True)


class AddHiddenIndex(Operation):
    """An index on PostgreSQL alone that no model knows of, built while others write: of words, or of a table that
    another package owns. `definition` is the SQL after ON. The migration needs `atomic = False`.
    """

    reversible = True
    atomic = False

    def __init__(self, name, definition):
        self.name, self.definition = name, definition

    def state_forwards(self, app_label, state):
        pass

    def define(self, app_label, state):
        return self.definition

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            definition = self.define(app_label, to_state)
            schema_editor.execute(f'CREATE INDEX CONCURRENTLY IF NOT EXISTS "{self.name}" ON {definition}')

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{self.name}"')

    def describe(self):
        return f"Create index {self.name}"

"""`page__among=ids`: as `page__in`, with all of them as one value. A place in the SQL for each of a thousand takes
Django longer than the database takes to find their rows."""

import json

from django.db.models import ForeignKey, Lookup


@ForeignKey.register_lookup
class Among(Lookup):
    lookup_name = "among"
    prepare_rhs = False

    def as_postgresql(self, compiler, connection):
        column, values = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::bigint[])", [*values, list(self.rhs)]

    def as_sqlite(self, compiler, connection):
        column, values = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", [*values, json.dumps(list(self.rhs))]  # noqa: S608

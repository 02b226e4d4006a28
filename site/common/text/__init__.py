"""How text of one kind is read and kept: names, codes, addresses, dates. Read `typed_text` first."""

"""Files that people upload: where they lie and who may read them. Read `media` first."""

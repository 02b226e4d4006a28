"""Whether there is a person, asked while a sale is busy or an address is suspicious. Read `challenges` first."""

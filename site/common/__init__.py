"""What every part of the product stands on. Imports none of ours, and none of our models: start with `typed_text`."""

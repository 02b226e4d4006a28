"""The patterns that find an e-mail address. Linear: tried only where a word starts, and nothing is given back."""

import re

NAME = r"[\w.!#$&'*+^~-]"
E_MAIL = re.compile(rf"(?<!{NAME}){NAME}++(?:@|%40)[\w-]++(?:\.[\w-]++)++")
"""In a log line or an address of the site: no sign that parts a web address is in it."""

LETTER = r"[^\s<>\"'(),;:]"
E_MAIL_IN_SENTENCE = re.compile(rf"(?<!{LETTER}){LETTER}[^\s<>\"'(),;:@]*+@{LETTER}++")
"""In what somebody typed: rather a word too many than a person left behind."""

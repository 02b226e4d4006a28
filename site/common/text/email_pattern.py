"""The pattern that finds an e-mail address in a sentence, a log line or an address of the site.

Linear: it is tried only where a word starts, and gives nothing back. No sign that parts a web address is in it.
"""

import re

NAME = r"[\w.!#$&'*+^~-]"
E_MAIL = re.compile(rf"(?<!{NAME}){NAME}++(?:@|%40)[\w-]++(?:\.[\w-]++)++")

"""The worker as a platform runs it: started again whenever it dies. The site is loaded once and then forked, so that a
death costs a test next to nothing."""

import os
import sys
import time

import django
from django.core.checks import run_checks
from django.core.management import execute_from_command_line
from django.db import connections

from demo.processes import die_with_parent


def main():
    django.setup()
    run_checks()  # loads what every worker would load again
    connections.close_all()
    while True:
        if child := os.fork():
            os.waitpid(child, 0)
            time.sleep(0.1)
        else:
            die_with_parent()
            execute_from_command_line(["manage.py", "run_huey"])
            sys.exit()


if __name__ == "__main__":
    main()

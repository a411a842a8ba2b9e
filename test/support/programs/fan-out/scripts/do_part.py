"""Does one of many parts; for tests, which look at its runs alone."""

import sys

print(sys.argv)

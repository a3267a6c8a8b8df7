"""What run.py needs on a machine that has nothing yet: the standard library only, no syntax newer than Python 3.6."""

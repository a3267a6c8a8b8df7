"""The command line: every command of the program but the window itself. Free of Qt save where a window opens."""

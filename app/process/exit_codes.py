"""Exit codes, by which the supervisor decides on a restart."""

OK = 0
FAILED = 1  # it tried and could not; restarting may help
MISUSED = 2  # the command line was wrong (argparse's own code)
UNUSABLE = 78  # configuration, weights or port: restarting does not help (EX_CONFIG of sysexits.h)

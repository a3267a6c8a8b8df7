"""A recording's picture: peaks in one pass, kept sealed, written as audiowaveform does."""

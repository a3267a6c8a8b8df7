"""What a recording's own bytes say of it: its container, its header, whether it is whole. No library needed."""

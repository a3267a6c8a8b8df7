"""From bytes to sound and picture. The only door to PyAV; knows no Qt, no network and no database."""

"""One module per file format, both directions where it has two: values in, bytes out."""

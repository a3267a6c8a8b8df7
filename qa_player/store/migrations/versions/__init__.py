"""One script per change of the schema, oldest first. A script that was released is never edited."""

"""Windows that ask for something and close. Opened with open(), never exec()."""

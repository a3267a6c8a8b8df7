"""One module per vendor; none knows another. A vendor's JSON stops here."""

"""Joins the parts: builds the object graph of services over store, keychain, providers and media. No Qt."""

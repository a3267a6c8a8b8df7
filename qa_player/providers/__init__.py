"""The only door to the network: providers turn a vendor's answers into our model and keep addresses and keys inside."""

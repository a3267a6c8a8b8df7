"""Suki: ambient sessions of clinical visits."""

"""Devices of people in software: what a browser asks of them, and what they answer."""

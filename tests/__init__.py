"""Tests: whole journeys in `stories`, one folder for each package, real services in `services`."""

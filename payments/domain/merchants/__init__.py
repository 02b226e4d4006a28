"""Whose account the money goes to, whether it is connected, and with which credentials. Read `credentials` first."""

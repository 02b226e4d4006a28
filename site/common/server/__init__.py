"""gunicorn's threaded worker, with waiting for the network taken off its threads.

The loop that gunicorn has anyway reads each request, head and body, and a thread gets it when it is complete: it never
waits for a client. What a client does not take at once is sent by the loop too. Whoever is slower than the limits say
is cut off, and when too many are on their way whoever is longest at it makes room. TLS ends in front of the site.

Read `worker` first, then `incoming_requests` (where one ends) and `connections` (the socket that a thread sees).
"""

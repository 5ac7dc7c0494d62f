"""Fan-out in rooms: the gateway beside raw C and FastAPI on uvicorn."""

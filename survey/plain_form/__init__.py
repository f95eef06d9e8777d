"""The form for browsers without JavaScript, sealed on arrival, where a study allows it."""

"""What must hold for a questionnaire before anybody may be asked it."""

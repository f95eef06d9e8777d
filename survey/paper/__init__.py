"""What is printed: the questionnaire, translation tables, codebook and slips."""

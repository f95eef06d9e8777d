"""What is asked: the questionnaire as a document, and one person's answers as bytes."""

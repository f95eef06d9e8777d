"""What is asked and what is stored: documents, the three web applications, the command line."""
